"""What a finished upstream answer tells about the account and the egress that carried it.

403 alone has four meanings and a 200 may hide a fatal error, so the answer's first bytes are
looked at too. Only SIGNED_OUT and BLOCKED speak against an account; the rest is about the
moment, the network or the request (grok-protocol §1.3, §6).
"""

import json
from dataclasses import dataclass
from enum import Enum

from core import refusals
from core.refusals import Refusal


class Outcome(Enum):
    """The verdict on one answer."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    QUOTA_USED_UP = "quota_used_up"
    SIGNED_OUT = "signed_out"
    BLOCKED = "blocked"
    CHALLENGED = "challenged"
    ANTI_BOT = "anti_bot"
    TIER_TOO_LOW = "tier_too_low"
    REGION = "region"
    MODERATED = "moderated"
    CAPACITY = "capacity"
    NETWORK = "network"
    """Nothing came from Grok at all; the egress has its own book about that."""
    REFUSED = "refused"
    """Grok had something against this one request."""
    FAILED = "failed"


PEEK_BYTES = 4096
"""How much of an error body `classify` wants to see."""

SESSION_PROBE = "/api/auth/session"
"""Where the page asks who it is: answered 200 also for an account that is signed out or blocked."""
_SIGNED_OUT = (
    b"unauthenticated:",
    b"bad-credentials",
    b"invalid-credentials",
    b"failed to look up session id",
    b"session not found",
    b"token expired",
    b"token revoked",
)
_BLOCKED = (b"unauthorized:blocked-user", b"account suspended", b"email-domain-rejected")
_CHALLENGE = (b"just a moment", b"/cdn-cgi/challenge-platform/", b"cf-chl")
_REGION = (b"not available in your region",)
_ANTI_BOT = (b"anti-bot",)
_TIER = (b"upgrade", b"subscri", b"tier")
_USED_UP = (b"usage limit", b"usage pool", b"usagelimitreached", b"usagepoolexhausted")
_NOT_ABOUT_QUOTA = (b"[wke=account:",)
"""A 429 about changing the account itself."""
_CAPACITY = (b"admission denied", b"overloaded", b"high demand", b"at capacity")

_BY_SESSION = {"unauthenticated": Outcome.SIGNED_OUT, "blocked": Outcome.BLOCKED}

_MEMBERS_ONLY = (
    "/rest/app-chat/conversations",
    "/rest/auth/get-user",
    "/rest/user-settings",
    "/rest/workspaces",
    "/rest/assets",
    "/ws/mgw",
)

_PAGES = {
    Outcome.RATE_LIMITED: refusals.RATE_LIMITED,
    Outcome.QUOTA_USED_UP: refusals.RATE_LIMITED,
    Outcome.SIGNED_OUT: refusals.ACCOUNT_SIGNED_OUT,
    Outcome.BLOCKED: refusals.ACCOUNT_BLOCKED,
    Outcome.CHALLENGED: refusals.CHALLENGED,
    Outcome.ANTI_BOT: refusals.ANTI_BOT,
    Outcome.REGION: refusals.REGION,
    Outcome.CAPACITY: refusals.UPSTREAM_ERROR,
    Outcome.FAILED: refusals.UPSTREAM_ERROR,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The part of an upstream answer that is judged; `head` is the start of the decoded body."""

    status: int
    content_type: str = ""
    cf_mitigated: str = ""
    head: bytes = b""
    path: str = ""


def classify(answer: Answer) -> Outcome:
    """The outcome of one HTTP answer."""
    if answer.cf_mitigated == "challenge":
        return Outcome.CHALLENGED
    if answer.status < 400:
        return _of_session(answer.head) if answer.path == SESSION_PROBE else Outcome.OK
    text = answer.head.lower()
    if _is_html(answer) and _has(text, _CHALLENGE):
        return Outcome.CHALLENGED
    if _has(text, _REGION):
        return Outcome.REGION
    judge = _BY_STATUS.get(answer.status)
    if judge:
        return judge(answer, text)
    return _of_failure(answer, text) if answer.status >= 500 else Outcome.REFUSED


def _of_session(body: bytes) -> Outcome:
    try:
        said = json.loads(body)
    except ValueError:
        return Outcome.OK
    status = said.get("status") if isinstance(said, dict) else None
    return _BY_SESSION.get(status, Outcome.OK) if isinstance(status, str) else Outcome.OK


def _of_401(answer: Answer, text: bytes) -> Outcome:
    return Outcome.BLOCKED if _has(text, _BLOCKED) else Outcome.SIGNED_OUT


def _of_403(answer: Answer, text: bytes) -> Outcome:
    if _has(text, _BLOCKED):
        return Outcome.BLOCKED
    if _has(text, _SIGNED_OUT):
        return Outcome.SIGNED_OUT
    if _has(text, _ANTI_BOT):
        return Outcome.ANTI_BOT
    wants_more = not _is_html(answer) and _has(text, _TIER)
    return Outcome.TIER_TOO_LOW if wants_more else Outcome.REFUSED


def _of_429(answer: Answer, text: bytes) -> Outcome:
    if _has(text, _NOT_ABOUT_QUOTA):
        return Outcome.REFUSED
    return Outcome.QUOTA_USED_UP if _has(text, _USED_UP) else Outcome.RATE_LIMITED


def _of_failure(answer: Answer, text: bytes) -> Outcome:
    return Outcome.CAPACITY if _has(text, _CAPACITY) else Outcome.FAILED


_BY_STATUS = {401: _of_401, 403: _of_403, 429: _of_429}


def page_for(outcome: Outcome) -> Refusal | None:
    """Our own page in place of the upstream's, None where the upstream's own answer is right."""
    return _PAGES.get(outcome)


def proves_session(status: int, path: str) -> bool:
    """Whether only a living session gets this answer: pages and files are served to anybody."""
    return (200 <= status < 300 or status == 101) and path.startswith(_MEMBERS_ONLY)


def _has(text: bytes, markers: tuple[bytes, ...]) -> bool:
    return any(marker in text for marker in markers)


def _is_html(answer: Answer) -> bool:
    return answer.content_type.lower().startswith("text/html")
