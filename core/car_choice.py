"""Which account a web user rides: the one he has while it works, else the one with most room."""

from collections.abc import Mapping

from core.account import Account, Traffic
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
    usable = [a for a in accounts.values() if _may_be_given(a, user_id, now)]
    return min(usable, key=lambda a: (_is_reserve(a), riders.get(a.id, 0), a.id), default=None)


def why_left(current_id: int | None, user_id: int, accounts: Mapping[int, Account]) -> str:
    """Why a user does not keep the car he had; empty when he had none."""
    if current_id is None:
        return ""
    current = accounts.get(current_id)
    if current is None:
        return "gone"
    if not current.serves(user_id):
        return "private"
    return "disabled" if not current.enabled else current.status.value


def named_account(call: BridgeCall, accounts: Mapping[int, Account]) -> Account | None:
    """The account an API call means itself: its own, or the one its conversation lives on. None
    when it names none, or that one may not be lent; calls that name none are `core.pool_choice`.
    """
    if call.own_account:
        return call.own_account
    tied = accounts.get(call.account_id) if call.account_id is not None else None
    if call.caller == OPERATOR:
        return tied
    return tied if tied and _runs(tied) and tied.id not in call.avoid else None


def _may_be_given(account: Account, user_id: int, now: float) -> bool:
    is_web = account.traffic is not Traffic.API and not account.draining
    return is_web and account.is_usable(now) and account.serves(user_id)


def _is_reserve(account: Account) -> bool:
    return account.traffic is Traffic.RESERVE


def _runs(account: Account) -> bool:
    return account.is_usable(account.cooling_until)
