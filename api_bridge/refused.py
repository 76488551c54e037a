"""What an answer of 400 and above means for a turn: Grok's own, Cloudflare's, or our proxy's.

The proxy's verdict on an account is made from the same bytes by the same rules (`core.outcomes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api_bridge import failures
from api_bridge.events import Failed, FailureKind
from api_bridge.grok_fields import Fields, fields_of, text_of
from api_bridge.json_objects import parse_object
from core.outcomes import SESSION_PROBE, Answer, classify

_K = FailureKind

_OURS: Mapping[str, FailureKind] = {
    "no_account": _K.NO_ACCOUNT,
    "all_busy": _K.NO_ACCOUNT,
    "storage_busy": _K.NO_ACCOUNT,
    "account_signed_out": _K.SIGNED_OUT,
    "account_blocked": _K.BLOCKED,
    "challenged": _K.CHALLENGED,
    "anti_bot": _K.ANTI_BOT,
    "region": _K.REGION,
    "no_egress": _K.UNREACHABLE,
    "upstream_unreachable": _K.UNREACHABLE,
    "upstream_timeout": _K.STALLED,
    "upstream_error": _K.INTERNAL,
    "internal": _K.INTERNAL,
    "bad_request": _K.INTERNAL,
    "not_allowed_here": _K.INTERNAL,
    "body_too_large": _K.TOO_LONG,
}
"""Codes of `core.refusals`: what the proxy says without having asked Grok, or instead of it."""

_WAITS = {"storage_busy": 5}
"""Seconds, where the proxy names none; behind `no_account` nobody is coming."""

_OUTCOMES: Mapping[str, FailureKind] = {
    "signed_out": _K.SIGNED_OUT,
    "blocked": _K.BLOCKED,
    "challenged": _K.CHALLENGED,
    "anti_bot": _K.ANTI_BOT,
    "region": _K.REGION,
    "quota_used_up": _K.EXHAUSTED,
    "capacity": _K.CAPACITY,
}
"""By the value of an `Outcome`; the others say less than the status and the words."""
_STATUSES: Mapping[int, FailureKind] = {
    400: _K.INVALID,
    403: _K.NO_ACCESS,
    404: _K.NOT_FOUND,
    413: _K.TOO_LONG,
    429: _K.RATE_LIMITED,
    503: _K.CAPACITY,
    504: _K.STALLED,
    522: _K.UNREACHABLE,
    524: _K.STALLED,
}


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """The part of an answer that is judged; `head` is the start of its body."""

    status: int
    content_type: str = ""
    cf_mitigated: str = ""
    retry_after: str = ""
    head: bytes = b""
    path: str = ""


class RefusedError(Exception):
    """Grok, or what lies before it, did not take the request; `account_id` when it is known."""

    def __init__(self, failed: Failed, account_id: int | None = None) -> None:
        super().__init__(failed.message or failed.kind.value)
        self.failed = failed
        self.account_id = account_id


def refusal(answer: RefusedAnswer) -> Failed:
    """The failure that an answer of 400 and above is."""
    body = parse_object(answer.head.decode("utf-8", "replace"))
    if body is None:
        return Failed(_kind_of_status(answer), f"Grok answered {answer.status}.", _wait(answer))
    error = fields_of(body, "error") or body
    if kind := _OURS.get(text_of(error, "code")):
        wait = _wait(answer) or _WAITS.get(text_of(error, "code"))
        return Failed(kind, text_of(error, "message"), wait)
    return _told(answer, error)


def session_failure(body: bytes) -> Failed | None:
    """What the answer to "who am I" says of a session that is over, with a status of 200."""
    outcome = classify(Answer(200, head=body, path=SESSION_PROBE))
    kind = _OUTCOMES.get(outcome.value)
    return Failed(kind, "Grok does not know the session any more.") if kind else None


def _told(answer: RefusedAnswer, error: Fields) -> Failed:
    told = failures.coded_error(error)
    kind = _kind_of_status(answer)
    if (
        kind in (_K.RATE_LIMITED, _K.NO_ACCESS, _K.INVALID, _K.INTERNAL)
        and told.kind != _K.INTERNAL
    ):
        kind = told.kind  # the words are more exact than such a status
    return Failed(kind, told.message, told.retry_after or _wait(answer))


def _kind_of_status(answer: RefusedAnswer) -> FailureKind:
    outcome = classify(
        Answer(
            status=answer.status,
            content_type=answer.content_type,
            cf_mitigated=answer.cf_mitigated,
            head=answer.head,
            path=answer.path,
        )
    )
    default = _K.INVALID if 400 <= answer.status < 500 else _K.INTERNAL
    return _OUTCOMES.get(outcome.value) or _STATUSES.get(answer.status, default)


def _wait(answer: RefusedAnswer) -> int | None:
    text = answer.retry_after.strip()
    return int(text) if text.isdecimal() and len(text) < 8 else None
