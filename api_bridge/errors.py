"""What a caller is told when something is wrong, in OpenAI's envelope.

    BridgeError
    ├── BadRequestError      the request cannot be served as it stands: 400, 404, 405, 413, 415
    ├── NotAllowedError      the caller's key is missing, wrong, or not good for this: 401, 403
    ├── LimitedError         the caller has used up what his key allows: 429
    └── GrokFailedError      Grok did not answer; carries the `Failed` event

401 is about the caller's own key only: an account that Grok has signed out is our trouble, and a
client that reads 401 would ask its user for a new key.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from api_bridge.events import Failed, FailureKind

_ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
LONGEST_WAIT = 60
"""Seconds in Retry-After: some clients sleep as long as they are told, others give up above."""


class BridgeError(Exception):
    """Base of what this package raises on purpose."""


class BadRequestError(BridgeError):
    """The request cannot be served as it stands."""

    def __init__(
        self,
        message: str,
        param: str | None = None,
        code: str | None = "invalid_value",
        status: int = 400,
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status


class NotAllowedError(BridgeError):
    """The caller's API key does not open this door."""

    def __init__(self, message: str, code: str = "invalid_api_key", status: int = 401) -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status


class LimitedError(BridgeError):
    """The caller has to wait, or to ask for a higher limit."""

    def __init__(self, message: str, wait: float, code: str = "rate_limit_exceeded") -> None:
        super().__init__(message)
        self.message, self.wait, self.code = message, wait, code


class GrokFailedError(BridgeError):
    """Grok did not answer."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message or failed.kind.value)
        self.failed = failed


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error as callers see it: a status, the envelope's fields, and when to try again."""

    status: int
    type: str
    code: str | None
    message: str
    param: str | None = None
    retry_after: int | None = None
    should_retry: bool | None = None
    """None leaves it to the client's own rules for the status."""

    def body(self) -> dict[str, Any]:
        fields = {"message": self.message, "type": self.type}
        return {"error": {**fields, "param": self.param, "code": self.code}}

    def anthropic_body(self) -> dict[str, Any]:
        """The same in Anthropic's envelope, whose types follow from the status."""
        default = "invalid_request_error" if self.status < 500 else "api_error"
        kind = _ANTHROPIC_TYPES.get(self.status, default)
        # By these words Claude Code knows that it has to make the conversation shorter.
        too_long = "prompt is too long: " if self.code == _TOO_LONG else ""
        return {"type": "error", "error": {"type": kind, "message": too_long + self.message}}

    def headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(max(1, min(LONGEST_WAIT, self.retry_after)))
        if self.should_retry is not None:
            headers["x-should-retry"] = "true" if self.should_retry else "false"
        return headers


def api_error(error: BridgeError) -> ApiError:
    """How an error of ours is told."""
    match error:
        case BadRequestError():
            kind = "invalid_request_error"
            return ApiError(error.status, kind, error.code, error.message, error.param)
        case NotAllowedError():
            kind = "invalid_request_error" if error.status == 401 else "permission_error"
            return ApiError(error.status, kind, error.code, error.message)
        case LimitedError():
            return _limit(
                error.message,
                error.code,
                retry_after=math.ceil(error.wait),
                should_retry=None if error.wait <= LONGEST_WAIT else False,
            )
        case GrokFailedError():
            return failed_error(error.failed)
        case _:
            return ApiError(500, "server_error", "internal_error", "Internal error.")


def failed_error(failed: Failed) -> ApiError:
    """How a failed turn is told, were its status still to be chosen."""
    known = _FAILURES[failed.kind]
    if failed.kind in _OURS_TO_EXPLAIN:
        reason = f": {failed.message}" if failed.message else ""
        return replace(known, message=f"{known.message.removesuffix('.')}{reason}.")
    if failed.retry_after is None:
        return replace(known, should_retry=False) if failed.kind is _K.NO_ACCOUNT else known
    # Nobody waits for hours inside of one call: say so at once.
    hopeless = False if failed.retry_after > 5 * LONGEST_WAIT else known.should_retry
    message = known.message
    if failed.kind is _K.NO_ACCOUNT and failed.retry_after > LONGEST_WAIT:
        minutes = math.ceil(failed.retry_after / 60)
        message = f"{message.removesuffix('.')}; the first will be in about {minutes} minutes."
    return replace(known, message=message, retry_after=failed.retry_after, should_retry=hopeless)


def _limit(message: str, code: str = "rate_limit_exceeded", **more: Any) -> ApiError:  # noqa: ANN401
    return ApiError(429, "rate_limit_error", code, message, **more)


def _ours(status: int, code: str, message: str, **more: Any) -> ApiError:  # noqa: ANN401
    return ApiError(status, "server_error", code, message, **more)


def _theirs(code: str, message: str, status: int = 400, param: str | None = None) -> ApiError:
    return ApiError(status, "invalid_request_error", code, message, param)


_K = FailureKind
_TOO_LONG = "context_length_exceeded"
_OURS_TO_EXPLAIN = (_K.UNUSABLE_IMAGE, _K.UNUSABLE_FILE)
"""Their messages are our own words; those of Grok stay in the log."""
_FAILURES: Mapping[FailureKind, ApiError] = {
    _K.RATE_LIMITED: _limit(
        "Grok is limiting requests for the account in use. Try again shortly.", retry_after=20
    ),
    _K.EXHAUSTED: _limit(
        "The usage limit of the Grok account is reached. It comes back with Grok's next window.",
        "insufficient_quota",
        retry_after=LONGEST_WAIT,
        should_retry=False,
    ),
    _K.CAPACITY: _ours(
        503, "model_overloaded", "Grok has no capacity for this mode just now.", retry_after=5
    ),
    _K.NO_ACCOUNT: _ours(
        503, "no_account_available", "No Grok account is free at the moment.", retry_after=10
    ),
    _K.SIGNED_OUT: _ours(
        503,
        "account_signed_out",
        "Grok no longer accepts the SSO token of the account in use; the operator has to renew it.",
        retry_after=5,
    ),
    _K.BLOCKED: _ours(
        503, "account_blocked", "Grok has blocked the account in use.", retry_after=5
    ),
    _K.NO_ACCESS: ApiError(
        403,
        "permission_error",
        "model_not_available",
        "The plan of the Grok account in use does not include this mode.",
    ),
    _K.NOT_FOUND: _theirs("conversation_not_found", "Grok does not know this conversation.", 404),
    _K.ANTI_BOT: _ours(
        503,
        "upstream_anti_bot",
        "Grok's anti-bot rules refused the request; the operator has to look at it.",
        should_retry=False,
    ),
    _K.CHALLENGED: _ours(
        503,
        "upstream_challenge",
        "Cloudflare asks this server for a challenge; the operator has to renew the clearance.",
        should_retry=False,
    ),
    _K.REGION: _ours(
        503,
        "region_not_supported",
        "Grok is not offered in the region of this server's egress.",
        should_retry=False,
    ),
    _K.SWITCHED_OFF: _ours(
        503, "feature_switched_off", "Grok has switched this feature off.", should_retry=False
    ),
    _K.TOO_LONG: _theirs(_TOO_LONG, "The conversation is too long for Grok."),
    _K.MODERATED: _theirs("content_filter", "Grok's moderation refused this."),
    _K.BAD_ATTACHMENT: _theirs("invalid_attachment", "Grok could not take an attached file."),
    _K.UNUSABLE_IMAGE: _theirs(
        "invalid_image_url", "An image of the request cannot be used.", param="messages"
    ),
    _K.UNUSABLE_FILE: _theirs(
        "invalid_attachment", "A file of the request cannot be used.", param="messages"
    ),
    _K.INVALID: _theirs("invalid_value", "Grok did not accept the request."),
    _K.CANCELLED: _ours(502, "upstream_cancelled", "The answer was cancelled at Grok."),
    _K.EMPTY: _ours(502, "empty_answer", "Grok finished without an answer.", retry_after=2),
    _K.CUT: _ours(502, "upstream_cut", "Grok's answer broke off before its end.", retry_after=2),
    _K.STALLED: _ours(504, "upstream_timeout", "Grok stopped talking before its end."),
    _K.UNREACHABLE: _ours(502, "upstream_unreachable", "Grok cannot be reached.", retry_after=5),
    _K.INTERNAL: _ours(502, "upstream_error", "Grok reported an internal error.", retry_after=5),
}
