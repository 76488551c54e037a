"""Asks Grok with one account, through the running mirror: session, limit, handshake, one chat."""

import time
from collections.abc import Callable, Iterator

import db
from admin.grok_calls import GrokCalls
from core.account import Account
from core.account_list import AccountQuery, AccountState, Sort
from core.doctor.findings import Finding
from core.doctor.grok import (
    TurnFacts,
    choose_patient,
    judge_account,
    judge_no_account,
    judge_socket,
    judge_turn,
    may_go_on,
)

type AskOnce = Callable[[], TurnFacts]


def grok_findings(grok: GrokCalls, ask_once: AskOnce | None) -> Iterator[Finding]:
    """`ask_once` only when the operator wants a question to be spent."""
    account, count = _patient(time.time())
    if account is None:
        yield judge_no_account(count)
        yield from _nobody(ask_once)
        return
    trial = grok.try_account(account.id)
    yield judge_account(account, trial)
    if not may_go_on(trial):
        yield from _nobody(ask_once)
        return
    yield judge_socket(grok.shake_hands(account.id, trial.upstream_user_id or ""))
    yield Finding("turn_not_asked") if ask_once is None else judge_turn(ask_once())


def _patient(now: float) -> tuple[Account | None, int]:
    """The account to test with, and how many there are."""
    query = AccountQuery(state=AccountState.USABLE, sort=Sort.USED, descending=True)
    page = db.list_accounts(query, now)
    deleted = page.states.get(AccountState.DELETED, 0)
    return choose_patient(page.accounts, now), sum(page.states.values()) - deleted


def _nobody(ask_once: AskOnce | None) -> Iterator[Finding]:
    yield Finding("socket_skipped")
    yield Finding("turn_skipped" if ask_once else "turn_not_asked")
