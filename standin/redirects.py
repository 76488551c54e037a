"""Pages that only lead elsewhere, by absolute URLs, and bare hosts."""

from aiohttp import web


async def redirect_chat(request: web.Request) -> web.Response:
    """The older address of a conversation."""
    return _redirect(308, f"https://grok.com/c/{request.match_info['id']}")


async def redirect_tasks(request: web.Request) -> web.Response:
    """The older name of automations."""
    return _redirect(307, "https://grok.com/automations")


async def redirect_sign_in(request: web.Request) -> web.Response:
    """Signing in happens on another host."""
    return _redirect(307, "https://accounts.x.ai/sign-in?redirect=grok-com")


async def redirect_to_apex(request: web.Request) -> web.Response:
    """Www is only a way to the apex."""
    return _redirect(301, f"https://grok.com{request.rel_url.raw_path_qs}")


async def get_plain_page(request: web.Request) -> web.Response:
    """Hosts of which only the existence matters: sign-in, artifacts."""
    text = f"<!DOCTYPE html><title>{request.host}</title><p>{request.host} (stand-in)</p>"
    return web.Response(text=text, content_type="text/html")


def _redirect(status: int, location: str) -> web.Response:
    return web.Response(status=status, headers={"Location": location})


OLD_ADDRESSES = (
    web.get("/chat/{id}", redirect_chat),
    web.get("/tasks", redirect_tasks),
    web.get("/sign-in", redirect_sign_in),
)
WWW_ROUTES = (web.route("*", "/{tail:.*}", redirect_to_apex),)
PLAIN_ROUTES = (web.get("/{tail:.*}", get_plain_page),)
