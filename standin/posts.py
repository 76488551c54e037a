"""Media posts of Imagine: the gallery of the account, whoever of its users made the pictures."""

from typing import Any

from aiohttp import web

from standin.ndjson import read_json
from standin.owned_records import add_record, answer_page, record_of, records_of
from standin.records import Record
from standin.refusals import json_answer
from standin.world import World, account_of, world_of

DEFAULTS: dict[str, Any] = {
    "mediaType": "MEDIA_POST_TYPE_IMAGE",
    "prompt": "",
    "mediaUrl": "",
    "liked": False,
    "childPosts": [],
}


async def create(request: web.Request) -> web.Response:
    """A new post; videos are made for one."""
    body = await read_json(request)
    values = DEFAULTS | {name: body[name] for name in DEFAULTS if name in body}
    values["userId"] = account_of(request).user_id
    return json_answer({"post": add_record(request, "post", values).as_json()})


async def list_posts(request: web.Request) -> web.Response:
    """The gallery; page and filter may be in the query or in the body."""
    wanted = {**request.query, **await read_json(request)}
    mine = records_of(request, "post")
    kind = (wanted.get("filter") or {}) if isinstance(wanted.get("filter"), dict) else {}
    if kind.get("source") == "MEDIA_POST_SOURCE_LIKED":
        mine = [record for record in mine if record.values["liked"]]
    return answer_page(request, "posts", mine, wanted)


async def read(request: web.Request) -> web.Response:
    """One post; its id is in the body."""
    return json_answer({"post": (await _named(request)).as_json()})


async def like(request: web.Request) -> web.Response:
    """Put it among the liked ones."""
    record = await _named(request)
    record.values["liked"] = True
    return json_answer({"post": record.as_json()})


async def create_link(request: web.Request) -> web.Response:
    """A public link to it."""
    record = await _named(request)
    return json_answer({"shareLink": f"https://grok.com/imagine/post/{record.record_id}"})


async def delete(request: web.Request) -> web.Response:
    """Remove it."""
    record = await _named(request)
    world_of(request).records.remove("post", record.record_id, record.user_id)
    return json_answer({})


def post_image(world: World, user_id: str, prompt: str, url: str) -> Record:
    """What Imagine made becomes a post by itself."""
    values = DEFAULTS | {"prompt": prompt, "mediaUrl": url, "userId": user_id}
    return world.records.add("post", user_id, world.now(), values)


async def _named(request: web.Request) -> Record:
    body = await read_json(request)
    return record_of(request, "post", str(body.get("id") or body.get("postId") or ""))


_POST = "/rest/media/post"
ROUTES = (
    web.post(f"{_POST}/create", create),
    web.get(f"{_POST}/list", list_posts),
    web.post(f"{_POST}/list", list_posts),
    web.post(f"{_POST}/get", read),
    web.post(f"{_POST}/like", like),
    web.post(f"{_POST}/create-link", create_link),
    web.post(f"{_POST}/delete", delete),
)
