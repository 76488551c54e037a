"""Which account a web user rides: the one he has while it works, else the one with most room."""

from collections.abc import Mapping

from core.account import Account
from core.bridge_call import OPERATOR, BridgeCall


def choose_account(
    current_id: int | None,
    user_id: int,
    accounts: Mapping[int, Account],
    riders: Mapping[int, int],
    now: float,
) -> Account | None:
    """The user's own car if usable, else the usable one with the fewest riders; None = none.

    A cooling car is kept: its rider's conversations live there, and the upstream says itself
    how long to wait. `riders` counts the users now on each account.
    """
    current = accounts.get(current_id) if current_id is not None else None
    if current and current.serves(user_id) and _runs(current):
        return current
    usable = [a for a in accounts.values() if a.is_usable(now) and a.serves(user_id)]
    return min(usable, key=lambda a: (riders.get(a.id, 0), a.id), default=None)


def choose_for_call(
    call: BridgeCall, accounts: Mapping[int, Account], loans: Mapping[int, int], now: float
) -> Account | None:
    """An account for one API call: its own, the one its conversation lives on, or of the shared
    ones the least busy, then the longest rested. None = none may be lent now.

    `loans` counts the calls now open on each account.
    """
    if call.own_account:
        return call.own_account
    if call.account_id is not None:
        tied = accounts.get(call.account_id)
        if call.caller == OPERATOR:
            return tied
        return tied if tied and _runs(tied) and tied.id not in call.avoid else None
    usable = [a for a in accounts.values() if _is_shared(a, now) and a.id not in call.avoid]
    return min(
        usable, key=lambda a: (loans.get(a.id, 0), a.last_used_at or 0.0, a.id), default=None
    )


def _is_shared(account: Account, now: float) -> bool:
    return account.is_usable(now) and account.private_to is None


def _runs(account: Account) -> bool:
    return account.is_usable(account.cooling_until)
