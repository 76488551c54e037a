"""What the operator's test of one account asks Grok, and what the answers together mean.

Reads answers that were fetched elsewhere. A test never guesses: what Grok did not say stays empty.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.account import AccountStatus
from core.outcomes import Answer, Outcome, classify
from core.refusals import BY_CODE


class Verdict(StrEnum):
    """The result in one word; each has a sentence and a next step in both languages."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    SIGNED_OUT = "signed_out"
    BLOCKED = "blocked"
    CHALLENGED = "challenged"
    ANTI_BOT = "anti_bot"
    REGION = "region"
    NO_EGRESS = "no_egress"
    UNREACHABLE = "unreachable"
    NOT_LENT = "not_lent"
    FAILED = "failed"
    MIRROR_DOWN = "mirror_down"


@dataclass(frozen=True, slots=True)
class Question:
    """One request of the test."""

    name: str
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 when the proxy itself could not be asked."""

    status: int
    content_type: str = ""
    cf_mitigated: str = ""
    body: bytes = field(default=b"", repr=False)

    def outcome(self, path: str = "") -> Outcome:
        """What it tells about the account and the way to Grok; `path` is what was asked for."""
        return classify(
            Answer(
                status=self.status,
                content_type=self.content_type,
                cf_mitigated=self.cf_mitigated,
                head=self.body,
                path=path,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one test found."""

    verdict: Verdict
    email: str | None = None
    upstream_user_id: str | None = None
    tier: str = ""
    remaining: int | None = None
    total: int | None = None

    @property
    def status(self) -> AccountStatus | None:
        """What the account is known to be by it; None when it says nothing about the account."""
        return _STATUSES.get(self.verdict)


SESSION, USER, PAID, METER = "session", "user", "paid", "meter"
QUESTIONS = (
    Question(SESSION, "GET", "/api/auth/session"),
    Question(USER, "GET", "/rest/auth/get-user"),
    Question(PAID, "GET", "/rest/subscriptions"),
    Question(METER, "POST", "/rest/rate-limits", b'{"modelName":"fast"}'),
)

_STATUSES = {
    Verdict.OK: AccountStatus.OK,
    Verdict.RATE_LIMITED: AccountStatus.OK,
    Verdict.SIGNED_OUT: AccountStatus.SIGNED_OUT,
    Verdict.BLOCKED: AccountStatus.BLOCKED,
    Verdict.CHALLENGED: AccountStatus.CHALLENGED,
}
_OUTCOMES = {
    Outcome.OK: Verdict.OK,
    Outcome.RATE_LIMITED: Verdict.RATE_LIMITED,
    Outcome.SIGNED_OUT: Verdict.SIGNED_OUT,
    Outcome.BLOCKED: Verdict.BLOCKED,
    Outcome.CHALLENGED: Verdict.CHALLENGED,
    Outcome.ANTI_BOT: Verdict.ANTI_BOT,
    Outcome.REGION: Verdict.REGION,
}
_OUR_REFUSALS = {
    "no_account": Verdict.NOT_LENT,
    "no_egress": Verdict.NO_EGRESS,
    "upstream_unreachable": Verdict.UNREACHABLE,
    "upstream_timeout": Verdict.UNREACHABLE,
}
_TIERS = {
    "SUBSCRIPTION_TIER_GROK_PRO": "super",
    "SUBSCRIPTION_TIER_SUPER_GROK_PRO": "heavy",
}
_SESSION_STATES = {"unauthenticated": Verdict.SIGNED_OUT, "blocked": Verdict.BLOCKED}


def is_final(name: str, reply: Reply) -> bool:
    """Whether the other questions need not be asked: the first answer says it all."""
    return name == SESSION and _verdict_of(name, reply) is not Verdict.OK


def judge(replies: Mapping[str, Reply]) -> Trial:
    """The whole test. The session decides; a refusal of any other answer is told too."""
    verdicts = [_verdict_of(name, reply) for name, reply in replies.items()]
    verdict = next((found for found in verdicts if found is not Verdict.OK), Verdict.OK)
    if not verdicts:
        verdict = Verdict.MIRROR_DOWN
    meter = _meter(replies)
    if verdict is Verdict.OK and meter[0] == 0 and meter[1]:
        verdict = Verdict.RATE_LIMITED
    user_id, email = _who(replies)
    return Trial(
        verdict=verdict,
        email=email,
        upstream_user_id=user_id,
        tier=_tier(replies) if verdict in (Verdict.OK, Verdict.RATE_LIMITED) else "",
        remaining=meter[0],
        total=meter[1],
    )


def refusal_code(body: bytes) -> str:
    """The code of a refusal of our own proxy's; empty for what Grok said."""
    said = _object(body)
    error = said.get("error")
    code = error.get("code") if isinstance(error, dict) and "request_id" in said else None
    return code if isinstance(code, str) and code in BY_CODE else ""


def user_in_session(body: bytes) -> tuple[str | None, str | None]:
    """Id and e-mail of the user whose session it is; the answer has come in two shapes."""
    said = _object(body)
    return _user_in(said.get("session"), said.get("user"))


def _verdict_of(name: str, reply: Reply) -> Verdict:
    if reply.status == 0:
        return Verdict.MIRROR_DOWN
    if code := refusal_code(reply.body):
        return _OUR_REFUSALS.get(code, Verdict.FAILED)
    if name == SESSION and reply.status < 400:
        said = _object(reply.body)
        return _SESSION_STATES.get(str(said.get("status")), Verdict.OK if said else Verdict.FAILED)
    found = _OUTCOMES.get(reply.outcome(), Verdict.FAILED)
    # Without its page's signature a meter may refuse what the account may do: no word on it.
    return Verdict.OK if name == METER and found is Verdict.FAILED else found


def _who(replies: Mapping[str, Reply]) -> tuple[str | None, str | None]:
    """From either answer."""
    said = _said(replies, SESSION)
    return _user_in(_said(replies, USER), said.get("session"), said.get("user"))


def _user_in(*shapes: object) -> tuple[str | None, str | None]:
    for shape in shapes:
        if isinstance(shape, dict):
            user_id, email = shape.get("userId") or shape.get("id"), shape.get("email")
            if isinstance(user_id, str):
                return user_id[:100], email[:200] if isinstance(email, str) else None
    return None, None


def _tier(replies: Mapping[str, Reply]) -> str:
    """`basic` only when Grok has said that nothing is paid for."""
    paid = _said(replies, PAID).get("subscriptions")
    if not isinstance(paid, list):
        return ""
    found = [_TIERS.get(str(one.get("tier")), "paid") for one in paid if _is_active(one)]
    return max(found, key=("paid", "super", "heavy").index, default="basic")


def _is_active(subscription: object) -> bool:
    return isinstance(subscription, dict) and str(subscription.get("status")).endswith("_ACTIVE")


def _meter(replies: Mapping[str, Reply]) -> tuple[int | None, int | None]:
    said = _said(replies, METER)
    left, total = said.get("remainingQueries"), said.get("totalQueries")
    return (left if isinstance(left, int) else None, total if isinstance(total, int) else None)


def _said(replies: Mapping[str, Reply], name: str) -> dict[str, Any]:
    reply = replies.get(name)
    return _object(reply.body) if reply and reply.status < 400 else {}


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
