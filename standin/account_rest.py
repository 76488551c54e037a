"""Who am I, what may I use, how much is left; settings; and the ways a session is killed."""

import json
import struct
from typing import Any

from aiohttp import web

from standin.accounts import Account, base64url
from standin.ndjson import read_json
from standin.refusals import json_answer, refuse
from standin.turn import MODES, mode_of
from standin.world import ACCOUNT, World, account_of, world_of

_TIER_NAMES = {
    "super": "SUBSCRIPTION_TIER_GROK_PRO",
    "heavy": "SUBSCRIPTION_TIER_SUPER_GROK_PRO",
}
_MODE_TEXTS = {
    "auto": ("Auto", "Picks for you"),
    "fast": ("Fast", "Quick answers"),
    "expert": ("Expert", "Thinks hard"),
    "heavy": ("Heavy", "Team of experts"),
}
_DEFAULT_SETTINGS: dict[str, Any] = {
    "excludeFromTraining": True,
    "preferences": {"enableTiptapEditorForQueryBar": True},
    "allowXPersonalization": False,
    "enableMemory": True,
    "allowShareIndexing": False,
    "enableEarlyAccessModels": False,
}
_LEGACY_GROK_4 = (90, 7_200)


async def session(request: web.Request) -> web.Response:
    """Always 200; the state is in the body."""
    account = request.get(ACCOUNT)
    world = world_of(request)
    if account is None or account.refusal == "expired":
        return json_answer({"status": "unauthenticated"})
    if account.refusal == "blocked":
        return json_answer({"status": "blocked"})
    who = {"email": account.email}
    if world.switches.session_shape == 2:
        return json_answer({"user": {"id": account.user_id, **who, "teamId": "team-9"}})
    full = {"userId": account.user_id, **who, "organizationId": "org-1"}
    return json_answer({"status": "authenticated", "session": full})


async def get_user(request: web.Request) -> web.Response:
    """The signed-in user, in the fields of 2026."""
    account = account_of(request)
    return json_answer(
        {
            "userId": account.user_id,
            "email": account.email,
            "emailDomain": "example.org",
            "emailConfirmed": True,
            "givenName": account.name.title(),
            "familyName": "Example",
            "createTime": "2025-03-02T10:00:00Z",
            "profileImageUrl": f"https://assets.grok.com/users/{account.user_id}/profile/content",
            "xSubscriptionType": "",
            "sessionTierId": {"basic": "0", "super": "2", "heavy": "5"}[account.tier],
            "aclStrings": [],
            "riskLevel": "RISK_LEVEL_LOW",
            "botFlagSource": 0,
            "grokDb": "shard-5",
            "allowNsfwContent": False,
            "alwaysShowNsfwContent": False,
        }
    )


async def subscriptions(request: web.Request) -> web.Response:
    """Empty for a free account."""
    tier = _TIER_NAMES.get(account_of(request).tier)
    if tier is None:
        return json_answer({"subscriptions": []})
    subscription = {
        "tier": tier,
        "status": "SUBSCRIPTION_STATUS_ACTIVE",
        "createTime": "2026-02-01T00:00:00Z",
        "billingInterval": "SUBSCRIPTION_INTERVAL_MONTHLY",
        "billingPeriodEnd": "2026-12-20T00:00:00Z",
        "cancelAtPeriodEnd": False,
        "stripe": {},
    }
    return json_answer({"subscriptions": [subscription]})


async def modes(request: web.Request) -> web.Response:
    """Every mode, with why it may not be used."""
    account = account_of(request)
    default = "auto" if "auto" in account.meters else "fast"
    return json_answer(
        {"modes": [_mode(account, mode) for mode in MODES], "defaultModeId": default}
    )


def _mode(account: Account, mode: str) -> dict[str, Any]:
    title, description = _MODE_TEXTS[mode]
    availability: dict[str, Any] = {"available": {}}
    if mode not in account.meters:
        tier = "TIER_SUPERGROK_HEAVY" if mode == "heavy" else "TIER_SUPERGROK"
        upgrade = {"message": f"Upgrade to use {title}", "minimumSubscriptionTier": tier}
        availability = {"requiresUpgrade": upgrade}
    texts = {"title": title, "description": description, "badgeText": "", "iconHint": mode}
    return {"id": mode, **texts, "tags": [], "availability": availability}


async def models(request: web.Request) -> web.Response:
    """The list of 2025, kept for old clients."""
    model = {
        "modelId": "grok-4",
        "name": "Grok 4",
        "description": "",
        "tags": [],
        "badgeText": "",
        "modelMode": "MODEL_MODE_AUTO",
        "modelName": "grok-4-auto",
    }
    return json_answer({"models": [model], "defaultFreeModel": "grok-3", "unavailableModels": []})


async def rate_limits(request: web.Request) -> web.Response:
    """The meter of a mode, from its id or an older model name."""
    body, world = await read_json(request), world_of(request)
    name = str(body.get("modelName") or "")
    mode = name if name in MODES else mode_of(body)
    return json_answer(_limits(world, account_of(request), mode))


def _limits(world: World, account: Account, mode: str) -> dict[str, Any]:
    meter, now = account.meters.get(mode), world.now()
    if meter is None:
        return {"windowSizeSeconds": _LEGACY_GROK_4[1], "remainingQueries": 0, "totalQueries": 0}
    left = meter.total if world.switches.meter_lies else meter.left(now)
    limits: dict[str, Any] = {
        "windowSizeSeconds": meter.window,
        "remainingQueries": left,
        "totalQueries": meter.total,
        "lowEffortRateLimits": None,
        "highEffortRateLimits": None,
    }
    return limits | ({} if left else {"waitTimeSeconds": meter.wait(now)})


async def imagine_quota(request: web.Request) -> web.Response:
    """Meters of pictures and videos; any may be null."""
    image = {"available": True, "remainingQueries": 9, "windowSizeSeconds": 64_800}
    paid = account_of(request).tier != "basic"
    video = {"available": paid, "remainingQueries": 5 * paid, "windowSizeSeconds": 86_400}
    edit = {**image, "remainingQueries": 5}
    quota = {"image": image, "imagePro": None, "imageEdit": edit, "video": video}
    return json_answer({**quota, "video720p": None})


async def get_settings(request: web.Request) -> web.Response:
    """Defaults under what the account has set."""
    return json_answer(settings_of(account_of(request)))


def settings_of(account: Account) -> dict[str, Any]:
    """All settings, as REST and the page show them."""
    return {**_DEFAULT_SETTINGS, **account.settings}


async def post_settings(request: web.Request) -> web.Response:
    """Merge, and answer with the whole."""
    account_of(request).settings.update(await read_json(request))
    return await get_settings(request)


async def kill_session(request: web.Request) -> web.Response:
    """delete-session and soft-delete-user: the account is signed out everywhere."""
    account_of(request).refusal = "expired"
    return json_answer({})


async def sign_out(request: web.Request) -> web.Response:
    """accounts.x.ai/sign-out: one GET with the cookie ends the session, then back to Grok."""
    account = request.get(ACCOUNT)
    if account is not None:
        account.refusal = account.refusal or "expired"
    response = web.Response(status=302, headers={"Location": "https://grok.com/"})
    for name, domain in (("sso", ".x.ai"), ("sso", ".grok.com"), ("sso-rw", ".grok.com")):
        response.headers.add(
            "Set-Cookie", f"{name}=; Path=/; Domain={domain}; Max-Age=0; HttpOnly; Secure"
        )
    return response


async def credits_config(request: web.Request) -> web.Response:
    """gRPC-web: HTTP 200 always, the verdict is in the trailer frame."""
    account = request.get(ACCOUNT)
    if account is None or account.refusal:
        return grpc_answer(b"", 16)
    percent = b"\x0d" + struct.pack("<f", 12.5)
    period = b"\x42\x02\x08\x07"
    return grpc_answer(percent + period, 0)


async def grpc_empty(request: web.Request) -> web.Response:
    """An empty gRPC-web message."""
    account = request.get(ACCOUNT)
    return grpc_answer(b"", 16 if account is None or account.refusal else 0)


def grpc_answer(message: bytes, status: int) -> web.Response:
    """One gRPC-web message and its trailer."""
    trailer = f"grpc-status:{status}\r\n".encode()
    body = b"" if status else struct.pack(">BI", 0, len(message)) + message
    body += struct.pack(">BI", 0x80, len(trailer)) + trailer
    headers = {"grpc-status": str(status)} if status else None
    return web.Response(body=body, content_type="application/grpc-web+proto", headers=headers)


async def set_birth_date(request: web.Request) -> web.Response:
    """A 429 that is not about quota."""
    message = "Birth date change limit [WKE=account:birth-date-change-limit-reached]"
    return json_answer({"code": 8, "message": message, "details": []}, status=429)


async def speech_to_text(request: web.Request) -> web.Response:
    """One word for any audio."""
    body = await read_json(request)
    return json_answer({"text": "hello"}) if body.get("audioBase64") else refuse("invalid")


async def livekit_tokens(request: web.Request) -> web.Response:
    """A token that the signalling socket accepts; inside it is who the account belongs to."""
    account = account_of(request)
    room = f"room-{account.user_id}"
    who = {"sub": account.user_id, "name": account.email, "video": {"room": room}}
    parts = ({"alg": "HS256", "typ": "JWT"}, who, {"sig": room})
    token = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return json_answer({"token": token, "roomName": room, "livekitUrl": "wss://livekit.grok.com"})


ROUTES = (
    web.get("/api/auth/session", session),
    web.get("/rest/auth/get-user", get_user),
    web.delete("/rest/auth/delete-session", kill_session),
    web.post("/rest/auth/soft-delete-user", kill_session),
    web.post("/rest/auth/set-birth-date", set_birth_date),
    web.get("/rest/subscriptions", subscriptions),
    web.post("/rest/modes", modes),
    web.get("/rest/models", models),
    web.post("/rest/models", models),
    web.post("/rest/rate-limits", rate_limits),
    web.post("/rest/media/imagine/quota_info", imagine_quota),
    web.get("/rest/user-settings", get_settings),
    web.post("/rest/user-settings", post_settings),
    web.post("/rest/voice/speech-to-text", speech_to_text),
    web.post("/rest/livekit/tokens", livekit_tokens),
    web.post("/grok_api_v2.GrokBuildBilling/GetGrokCreditsConfig", credits_config),
    web.post("/auth_mgmt.AuthManagement/{method}", grpc_empty),
)
