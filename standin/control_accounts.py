"""Control calls about what is on an account: plant, list, tell its sockets; and request counts."""

from collections import Counter

from aiohttp import web

from standin.accounts import Account
from standin.news import News
from standin.planting import held, plant
from standin.refusals import json_answer
from standin.world import WORLD


async def post_plant(request: web.Request) -> web.Response:
    """`count` things of one kind; more than one get a number after their name or title."""
    body, world = await request.json(), request.app[WORLD]
    account: Account = world.accounts.named(body["name"])
    count, values = int(body.get("count", 1)), dict(body.get("values") or {})
    planted = []
    for number in range(1, count + 1):
        numbered = {k: f"{values[k]} {number}" for k in ("title", "name") if k in values}
        given = {**values, **numbered} if count > 1 else values
        planted.append(await plant(world, account, str(body["kind"]), given))
    return json_answer({"planted": planted})


async def get_held(request: web.Request) -> web.Response:
    """Ids of everything an account has, by kind."""
    world = request.app[WORLD]
    return json_answer(held(world, world.accounts.named(request.query["name"])))


async def post_tell(request: web.Request) -> web.Response:
    """Send events to all open sockets of an account, as the gateway would of its own accord."""
    body, world = await request.json(), request.app[WORLD]
    account: Account = world.accounts.named(body["name"])
    news = News(list(body["events"]), str(body.get("session_id", "")))
    world.news.tell(str(body.get("socket", "mgw")), account.user_id, news)
    return json_answer({})


async def get_counts(request: web.Request) -> web.Response:
    """How often each account asked for each path; what the log has forgotten is left out."""
    entries = request.app[WORLD].log.as_json()
    names = ("account", "host", "method", "path")
    counted = Counter(tuple(entry[name] for name in names) for entry in entries)
    rows = [{**dict(zip(names, key, strict=True)), "count": n} for key, n in counted.items()]
    return json_answer({"counts": rows})


ROUTES = (
    web.post("/plant", post_plant),
    web.get("/held", get_held),
    web.post("/tell", post_tell),
    web.get("/requests/counts", get_counts),
)
