"""Which account a web user rides: the one he has while it works, else the one with most room."""

from collections.abc import Iterable, Mapping

from core.account import Account


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


def any_usable(accounts: Iterable[Account], now: float) -> Account | None:
    """An account for a caller who has no car: the one used longest ago."""
    usable = [a for a in accounts if a.is_usable(now) and a.private_to is None]
    return min(usable, key=lambda a: (a.last_used_at or 0.0, a.id), default=None)


def _runs(account: Account) -> bool:
    return account.is_usable(account.cooling_until)
