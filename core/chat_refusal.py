"""A refusal of ours in the words of Grok's chat socket, so that the page shows it as it shows its
own: an error of the stream, then the end of an answer that failed."""

import json

from core.refusals import Refusal

_KINDS = {429: ("usage_limit_reached", "rate_limited")}
_OTHER = ("permission_denied", "failed")


def refusal_frames(
    refusal: Refusal, request_id: str, session_id: str, *, chinese: bool
) -> list[bytes]:
    """The messages, in order."""
    kind, reason = _KINDS.get(refusal.status, _OTHER)
    error = {
        "message": _sentence(refusal, chinese=chinese),
        "kind": kind,
        "severity": "STREAM_ERROR_SEVERITY_FATAL",
        "details": {"reason": kind.upper()},
    }
    response = {
        "id": f"mirror-{request_id}",
        "status": "failed",
        "status_details": {"reason": reason, "code": refusal.code},
        "usage": {},
    }
    events = (
        {"type": "response.grok.output", "output": {"stream_error": error}},
        {"type": "response.done", "response": response},
    )
    outer = {"session_id": session_id} if session_id else {}
    return [
        json.dumps({**outer, "event": event}, ensure_ascii=False, separators=(",", ":")).encode()
        for event in events
    ]


def _sentence(refusal: Refusal, *, chinese: bool) -> str:
    if chinese:
        return f"{refusal.title_zh}。{refusal.advice_zh}"
    return f"{refusal.title_en}. {refusal.advice_en}"
