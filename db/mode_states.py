"""What is known of accounts by mode: read at the start and now and then, written in batches."""

from collections.abc import Iterable
from itertools import batched

from core.mode_state import ModeState
from core.quota import Quota, Source
from core.rests import Rest
from db.connection import call, writing
from db.tables import AccountRow, ModeStateRow

_KEY = (ModeStateRow.account_id, ModeStateRow.mode)
_MOST_ROWS = 500  # fifteen values each: well under what a statement may hold


@call
def load_mode_states(since: float = 0.0) -> list[ModeState]:
    """What has changed after this moment."""
    return [_value(row) for row in ModeStateRow.select().where(ModeStateRow.changed_at > since)]


@call
def mode_states_of(account_ids: Iterable[int]) -> dict[int, list[ModeState]]:
    """What is known of these accounts; those nobody has spoken about are left out."""
    found: dict[int, list[ModeState]] = {}
    for row in ModeStateRow.select().where(ModeStateRow.account_id.in_(list(account_ids))):
        found.setdefault(row.account_id, []).append(_value(row))
    return found


@call
def clear_rests(account_ids: Iterable[int], now: float) -> None:
    """Forget why these rest in any mode, and that a refusal has said that nothing is left; the
    proxies read it as the latest word."""
    for some in batched(account_ids, _MOST_ROWS):
        of_these = ModeStateRow.account_id.in_(some)
        is_told = ModeStateRow.source == Source.ESTIMATED.value
        unknown = {"remaining": None, "reset_at": None, "source": Source.UNKNOWN.value}
        ModeStateRow.update(**unknown, changed_at=now).where(
            of_these & is_told & (ModeStateRow.remaining == 0)
        ).execute()
        ModeStateRow.update(cooling_until=0.0, cooling_reason="", failures=0, changed_at=now).where(
            of_these & (ModeStateRow.failures > 0)
        ).execute()


@call
def save_mode_states(states: Iterable[ModeState]) -> None:
    """Keep these; of an account that is gone nothing is kept."""
    rows = [_row(state) for state in states]
    kept = [name for name in ModeStateRow._meta.fields if name not in ("account_id", "mode")]
    with writing():
        for start in range(0, len(rows), _MOST_ROWS):
            batch = rows[start : start + _MOST_ROWS]
            ModeStateRow.insert_many(batch).on_conflict(
                conflict_target=_KEY, preserve=kept
            ).execute()
        known = AccountRow.select(AccountRow.id)
        ModeStateRow.delete().where(ModeStateRow.account_id.not_in(known)).execute()


def _row(state: ModeState) -> dict[str, object]:
    quota, rest = state.quota, state.rest
    return {
        "account_id": state.account_id,
        "mode": state.mode,
        "remaining": quota.remaining,
        "total": quota.total,
        "window_seconds": quota.window,
        "reset_at": quota.reset_at,
        "source": quota.source.value,
        "learned_at": quota.learned_at,
        "cooling_until": rest.until,
        "cooling_reason": rest.reason,
        "failures": rest.failures,
        "changed_at": state.changed_at,
    }


def _value(row: ModeStateRow) -> ModeState:
    quota = Quota(
        remaining=row.remaining,
        total=row.total,
        window=row.window_seconds,
        reset_at=row.reset_at,
        source=Source(row.source) if row.source in Source else Source.UNKNOWN,
        learned_at=row.learned_at,
    )
    rest = Rest(row.cooling_until, row.failures, row.cooling_reason)
    return ModeState(
        account_id=row.account_id,
        mode=row.mode,
        quota=quota,
        rest=rest,
        changed_at=row.changed_at,
    )
