"""Judges what Grok answers one account: its session and limit, a WebSocket handshake, one chat."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.account import Account, AccountStatus
from core.account_trial import Reply, Trial, Verdict, refusal_code
from core.doctor.findings import Finding
from core.outcomes import Outcome

SOCKET_PATH = "/ws/mgw/"
_SHARED = frozenset(
    {
        Verdict.CHALLENGED,
        Verdict.ANTI_BOT,
        Verdict.REGION,
        Verdict.NO_EGRESS,
        Verdict.UNREACHABLE,
    }
)
_SHARED_OUTCOMES = {
    Outcome.CHALLENGED: "challenged",
    Outcome.ANTI_BOT: "anti_bot",
    Outcome.REGION: "region",
}
_OUR_REFUSALS = {
    "no_egress": "no_egress",
    "upstream_unreachable": "unreachable",
    "upstream_timeout": "unreachable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFacts:
    """What came of one temporary chat; `failure` is empty when it was answered."""

    failure: str = ""
    milliseconds: int = 0


def choose_patient(accounts: Iterable[Account], now: float) -> Account | None:
    """The account to test with: one that is known to work, else the one used last."""
    usable = [account for account in accounts if account.is_usable(now)]
    known = [account for account in usable if account.status is AccountStatus.OK]
    return max(known or usable, key=lambda one: (one.last_used_at or 0.0, -one.id), default=None)


def judge_account(account: Account, trial: Trial) -> Finding:
    """By number only: names are often e-mail addresses, and reports are passed on."""
    left, total = trial.remaining, trial.total
    quota = "?" if left is None else f"{left}/{total}" if total else str(left)
    return Finding(f"account_{trial.verdict}", f"#{account.id}", {"quota": quota})


def judge_no_account(count: int) -> Finding:
    """None at all, or none that may be lent."""
    if count:
        return Finding("account_unusable", values={"count": count})
    return Finding("account_none")


def may_go_on(trial: Trial) -> bool:
    """Whether the account is good for a handshake and a chat."""
    return trial.verdict in (Verdict.OK, Verdict.RATE_LIMITED)


def judge_socket(reply: Reply) -> Finding:
    """101, or one of the ways in which Grok or our proxy says no."""
    if reply.status == 101:
        return Finding("socket_ok")
    if code := refusal_code(reply.body):
        if code in _OUR_REFUSALS:
            return Finding(f"socket_{_OUR_REFUSALS[code]}")
    elif reply.status == 0:
        return Finding("socket_unreachable")
    if shared := _SHARED_OUTCOMES.get(reply.outcome(SOCKET_PATH)):
        return Finding(f"socket_{shared}")
    return Finding("socket_refused", values={"status": reply.status})


def judge_turn(turn: TurnFacts) -> Finding:
    """Answered, or why not."""
    if not turn.failure:
        return Finding("turn_ok", values={"milliseconds": turn.milliseconds})
    if turn.failure in {verdict.value for verdict in _SHARED}:
        return Finding(f"turn_{turn.failure}")
    return Finding("turn_failed", values={"reason": turn.failure})
