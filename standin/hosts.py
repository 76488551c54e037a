"""The table of hosts and their routes, and the chain every request goes through, in order."""

from collections.abc import Iterable

from aiohttp import web

from standin import (
    account_rest,
    assets,
    chat_rest,
    connectors,
    edge,
    gates,
    media,
    mgw,
    odd,
    page_load,
    pages,
    personal_rest,
    posts,
    redirects,
    shares,
    sockets,
    tasks,
    uploads,
    workspaces,
)
from standin.refusals import json_answer
from standin.world import WORLD, World

Routes = Iterable[web.AbstractRouteDef]

GROK_ROUTES: Routes = (
    *pages.PAGE_ROUTES,
    *redirects.OLD_ADDRESSES,
    *chat_rest.ROUTES,
    *account_rest.ROUTES,
    *uploads.ROUTES,
    *assets.ROUTES,
    *connectors.ROUTES,
    *personal_rest.ROUTES,
    *posts.ROUTES,
    *shares.ROUTES,
    *tasks.ROUTES,
    *workspaces.ROUTES,
    web.get("/ws/mgw/", mgw.get_mgw),
    *sockets.IMAGINE_ROUTES,
    *odd.ROUTES,
    *page_load.ROUTES,
)
ACCOUNTS_ROUTES: Routes = (
    web.get("/sign-out", account_rest.sign_out),
    web.get("/logout", account_rest.sign_out),
    *account_rest.ROUTES[-1:],
    *redirects.PLAIN_ROUTES,
)

HOSTS: tuple[tuple[str, Routes], ...] = (
    ("grok.com", GROK_ROUTES),
    ("www.grok.com", redirects.WWW_ROUTES),
    ("cdn.grok.com", pages.CDN_ROUTES),
    ("assets.grok.com", media.ASSET_ROUTES),
    ("imagine-public.x.ai", media.PUBLIC_ROUTES),
    ("imgen.x.ai", media.PUBLIC_ROUTES),
    ("vidgen.x.ai", media.PUBLIC_ROUTES),
    ("accounts.x.ai", ACCOUNTS_ROUTES),
    ("livekit.grok.com", sockets.LIVEKIT_ROUTES),
    ("grok-v2.x.ai", sockets.VOICE_ROUTES),
    ("grok-api.gcp.mouseion.dev", sockets.IMAGINE_ROUTES),
    ("artifacts.grokusercontent.com", redirects.PLAIN_ROUTES),
    ("featureassets.org", page_load.FLAG_ROUTES),
)
"""First match wins; a host that is not here answers 421."""


def create_app(world: World) -> web.Application:
    """One application; each host is a sub-application chosen by the Host header."""
    chain = (edge.recorder, edge.finisher, gates.gatekeeper, odd.oddity)
    app = web.Application(middlewares=chain, client_max_size=64 * 2**20)
    app[WORLD] = world
    app.on_response_prepare.append(edge.add_edge_headers)
    for host, routes in HOSTS:
        app.add_domain(host, _host_app(routes))
    app.router.add_route("*", "/{tail:.*}", _misdirected)
    return app


def _host_app(routes: Routes) -> web.Application:
    app = web.Application(client_max_size=64 * 2**20)
    app.add_routes(routes)
    return app


async def _misdirected(request: web.Request) -> web.Response:
    return json_answer({"code": 3, "message": f"No such host: {request.host}"}, status=421)
