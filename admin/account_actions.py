"""What the operator may do to one account or to many at once, each with the sentence it ends in."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import db
from admin.grok_calls import GrokCalls
from admin.notices import Notice, Notices
from core.account_list import KEPT_DELETED_SECONDS
from core.account_trial import Verdict

MOST_TESTED = 50
MOST_UNDONE = 500
LONGEST_PAUSE = 24 * 30
_GOOD = frozenset({Verdict.OK})
_BAD = frozenset({Verdict.SIGNED_OUT, Verdict.BLOCKED, Verdict.NO_EGRESS, Verdict.MIRROR_DOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all pages of the console share."""

    notices: Notices
    grok: GrokCalls


@dataclass(frozen=True, slots=True)
class Selection:
    """The accounts that are meant, and what else was filled in."""

    ids: Sequence[int]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """`confirm` for what cannot be undone; `is_wide` for what cannot be undone when it was done to
    many; `leaves` when the account's own page is gone after."""

    run: Callable[[Desk, Selection], Notice]
    confirm: bool = False
    leaves: bool = False
    is_wide: bool = False


def verdict_tone(verdict: Verdict) -> str:
    """The colour of a result."""
    return "ok" if verdict in _GOOD else "bad" if verdict in _BAD else "warn"


def test(desk: Desk, chosen: Selection) -> Notice:
    """Ask Grok with each, and say what it answered."""
    trials = desk.grok.try_accounts(chosen.ids[:MOST_TESTED])
    names = {number: account.name for number in trials if (account := db.load_account(number))}
    if len(trials) == 1:
        ((number, trial),) = trials.items()
        tone, key = verdict_tone(trial.verdict), f"verdict_{trial.verdict}"
        line = (tone, names.get(number, str(number)), f"advice_{trial.verdict}")
        return Notice(tone=tone, key=key, lines=(line,))
    good = sum(trial.verdict in _GOOD for trial in trials.values())
    lines = tuple(
        (verdict_tone(trial.verdict), names.get(number, str(number)), f"verdict_{trial.verdict}")
        for number, trial in trials.items()
    )
    key = "tested_some" if len(chosen.ids) > MOST_TESTED else "tested_many"
    tone = "ok" if good == len(trials) else "warn"
    values: dict[str, object] = {"count": len(trials), "good": good}
    return Notice(tone=tone, key=key, values=values, lines=lines)


def clear_cooling(_: Desk, chosen: Selection) -> Notice:
    """Lend them again at once, in every mode."""
    count = db.change_accounts(chosen.ids, cooling_until=0.0, cooling_reason="")
    db.clear_rests(chosen.ids, time.time())
    return _done("cooling_cleared", count)


def pause(_: Desk, chosen: Selection) -> Notice:
    """Lend them to nobody new for some hours."""
    text = chosen.form.get("hours", "")
    hours = min(int(text), LONGEST_PAUSE) if text.isdecimal() and int(text) else 1
    until = time.time() + hours * 3600
    count = db.change_accounts(chosen.ids, cooling_until=until, cooling_reason="paused")
    return Notice(tone="ok", key="paused_for", values={"count": count, "hours": hours})


def enable(_: Desk, chosen: Selection) -> Notice:
    """Switch them on."""
    return _done("enabled", db.change_accounts(chosen.ids, enabled=True))


def disable(_: Desk, chosen: Selection) -> Notice:
    """Switch them off."""
    count = db.change_accounts(chosen.ids, enabled=False)
    return _done("disabled", count, "enable", chosen)


def delete(_: Desk, chosen: Selection) -> Notice:
    """Out of sight; for a week it can be undone."""
    now = time.time()
    count = db.delete_accounts(chosen.ids, now)
    db.purge_accounts_deleted_before(now - KEPT_DELETED_SECONDS)
    return _done("deleted", count, "restore", chosen)


def restore(_: Desk, chosen: Selection) -> Notice:
    """Undo a deletion."""
    return _done("restored", db.restore_accounts(chosen.ids))


def purge(_: Desk, chosen: Selection) -> Notice:
    """For good."""
    return _done("purged", db.purge_accounts(chosen.ids))


def bind(_: Desk, chosen: Selection) -> Notice:
    """Have them leave by one egress, or by whichever the pool picks."""
    text = chosen.form.get("bind_to", "")
    known = {egress.id for egress in db.load_egresses()}
    egress_id = int(text) if text.isdecimal() and int(text) in known else None
    return _done("bound", db.change_accounts(chosen.ids, egress_id=egress_id))


def put(_: Desk, chosen: Selection) -> Notice:
    """Into a pool."""
    pool_id = _pool(chosen)
    return _done("put_in", db.put_in_pool(pool_id, chosen.ids)) if pool_id else _no_pool()


def take(_: Desk, chosen: Selection) -> Notice:
    """Out of a pool."""
    pool_id = _pool(chosen)
    return _done("taken_out", db.take_from_pool(pool_id, chosen.ids)) if pool_id else _no_pool()


def _pool(chosen: Selection) -> int | None:
    said = chosen.form.get("into", "")
    return next((pool.id for pool in db.load_pools() if str(pool.id) == said), None)


def _no_pool() -> Notice:
    return Notice(tone="warn", key="pool_gone")


def _done(key: str, count: int, undo: str = "", chosen: Selection | None = None) -> Notice:
    """With a way back where there is one and its form is not too long."""
    ids = tuple(chosen.ids) if chosen and len(chosen.ids) <= MOST_UNDONE else ()
    undo = undo if ids else ""
    return Notice(tone="ok", key=key, values={"count": count}, undo=undo, ids=ids)


ACTIONS: Mapping[str, Action] = {
    "test": Action(test),
    "clear_cooling": Action(clear_cooling),
    "pause": Action(pause),
    "enable": Action(enable),
    "disable": Action(disable, is_wide=True),
    "delete": Action(delete, leaves=True, is_wide=True),
    "restore": Action(restore),
    "purge": Action(purge, confirm=True, leaves=True),
    "bind": Action(bind),
    "put": Action(put),
    "take": Action(take),
}
