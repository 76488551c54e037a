"""The small calls a page makes while it loads: fixed answers, `{}` for the unknown.

What has state of its own lives in files of its own.
"""

from typing import Any

from aiohttp import web

from standin.refusals import json_answer

FIXED: dict[str, dict[str, Any]] = {
    "/rest/products": {"products": []},
    "/rest/teams-where-user-has-active-sub": {"publicTeams": []},
    "/rest/skills": {"skills": []},
    "/rest/connectors/list-available-v2": {"connectors": []},
    "/rest/onboarding/for-user": {"onboarding": {}},
    "/rest/grok-for-teams/team-settings": {"settings": {}},
    "/rest/grok-for-teams/collections": {"collections": []},
    "/rest/sharing/my-org-teams": {"teams": []},
    "/rest/models/imagine/overrides": {"modelMapOverrides": []},
    "/rest/auth/list-mfa-devices": {"devices": []},
    "/rest/auth/list-teams": {"teams": []},
}


async def fixed(request: web.Request) -> web.Response:
    """The fixed answer of the path."""
    return json_answer(FIXED.get(request.path, {}))


async def log_metric(request: web.Request) -> web.Response:
    """Telemetry is thanked for and dropped."""
    return web.Response(status=204)


async def challenge_script(request: web.Request) -> web.Response:
    """Any path of the challenge platform."""
    return web.Response(text="/* orchestrate */", content_type="application/javascript")


async def trace(request: web.Request) -> web.Response:
    """Where a client seems to come from, as the edge tells on any of its hosts."""
    lines = (f"h={request.host}", f"ip={request.remote}", "loc=FI", "tls=TLSv1.3", "warp=off")
    return web.Response(text="\n".join(lines) + "\n")


async def flags(request: web.Request) -> web.Response:
    """A third party's feature flags, readable from any origin."""
    return json_answer({}, headers={"Access-Control-Allow-Origin": "*"})


FLAG_ROUTES = (web.post("/v1/initialize", flags),)
ROUTES = (
    web.post("/api/log_metric", log_metric),
    web.get("/cdn-cgi/trace", trace),
    web.route("*", "/cdn-cgi/challenge-platform/{tail:.*}", challenge_script),
    web.route("*", "/rest/{tail:.*}", fixed),
)
"""Must come last: the /rest/ pattern takes whatever no other route wanted."""
