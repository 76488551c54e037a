"""The control API: plain HTTP on its own loopback port, for tests and the operator.

Separate from the hosts, so that nothing a mirror forwards can ever reach it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from standin import control_accounts
from standin.accounts import Account
from standin.gates import Handler
from standin.refusals import REFUSAL_NAMES, json_answer
from standin.world import WORLD, World


def create_control_app(world: World) -> web.Application:
    """The control API over this world."""
    app = web.Application(middlewares=[_explain])
    app[WORLD] = world
    app.add_routes(
        (
            web.get("/requests", get_requests),
            web.delete("/requests", delete_requests),
            web.post("/reset", post_reset),
            web.get("/switch", get_switches),
            web.post("/switch", post_switches),
            web.get("/accounts", get_accounts),
            web.post("/accounts", post_account),
            web.post("/revoke", _refusing("expired")),
            web.post("/block", _refusing("blocked")),
            web.post("/restore", _refusing("")),
            web.post("/refuse", post_refuse),
            web.post("/quota", post_quota),
            web.get("/streams", get_streams),
            web.post("/streams/wait", post_wait),
            web.get("/conversations", get_conversations),
            *control_accounts.ROUTES,
        )
    )
    return app


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A wrong name or value is the caller's mistake: 400 and the sentence."""
    try:
        return await handler(request)
    except (KeyError, TypeError, ValueError) as error:
        return json_answer({"error": f"{type(error).__name__}: {error}"}, status=400)


async def get_requests(request: web.Request) -> web.Response:
    """The log, oldest first."""
    return json_answer({"requests": request.app[WORLD].log.as_json()})


async def delete_requests(request: web.Request) -> web.Response:
    """Empty the log."""
    request.app[WORLD].log.clear()
    return json_answer({})


async def post_reset(request: web.Request) -> web.Response:
    """Back to the state of the start."""
    request.app[WORLD].reset()
    return json_answer({})


async def get_switches(request: web.Request) -> web.Response:
    """All switches."""
    return json_answer(asdict(request.app[WORLD].switches))


async def post_switches(request: web.Request) -> web.Response:
    """Turn the named switches."""
    world = request.app[WORLD]
    world.switches = world.switches.changed(await request.json())
    return json_answer(asdict(world.switches))


async def get_accounts(request: web.Request) -> web.Response:
    """All accounts, tokens included."""
    return json_answer({"accounts": [account.public() for account in request.app[WORLD].accounts]})


async def post_account(request: web.Request) -> web.Response:
    """Add an account, or make it new."""
    body = await request.json()
    account = request.app[WORLD].accounts.add(str(body["name"]), str(body.get("tier", "super")))
    return json_answer(account.public())


def _refusing(refusal: str) -> Callable[[web.Request], Any]:
    async def change(request: web.Request) -> web.Response:
        body = await request.json()
        return _refuse(request.app[WORLD], body, refusal)

    return change


async def post_refuse(request: web.Request) -> web.Response:
    """Make every gated request of an account fail in one way, "" to stop."""
    body = await request.json()
    return _refuse(request.app[WORLD], body, str(body["refusal"]))


def _refuse(world: World, body: Mapping[str, Any], refusal: str) -> web.Response:
    if refusal and refusal not in REFUSAL_NAMES:
        raise ValueError(f"unknown refusal: {refusal}")
    account: Account = world.accounts.named(body["name"])
    account.refusal = refusal
    return json_answer(account.public())


async def post_quota(request: web.Request) -> web.Response:
    """Set what a mode of an account has left."""
    body, world = await request.json(), request.app[WORLD]
    account = world.accounts.named(body["name"])
    account.set_left(str(body["mode"]), int(body["left"]), world.now())
    return json_answer({})


async def get_streams(request: web.Request) -> web.Response:
    """Open and ended streams."""
    return json_answer(request.app[WORLD].streams.as_json())


async def post_wait(request: web.Request) -> web.Response:
    """Answer once no stream of this kind is open, or when the time is up."""
    body = await request.json()
    streams = request.app[WORLD].streams
    quiet = await streams.wait_until_quiet(str(body.get("kind", "")), float(body["timeout"]))
    return json_answer({"quiet": quiet})


async def get_conversations(request: web.Request) -> web.Response:
    """All conversations of an account with their responses, deleted ones too."""
    world = request.app[WORLD]
    account = world.accounts.named(request.query["name"])
    return json_answer({"conversations": world.conversations.dump(account.user_id)})
