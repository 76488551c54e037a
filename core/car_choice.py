"""Which account a web user rides: the one he has while it works, else the one with most room."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.account import Account, Traffic
from core.bridge_call import OPERATOR, BridgeCall
from core.pools import Reach


@dataclass(frozen=True, slots=True)
class Rider:
    """A web user as the pool sees him: the account he has, and those he may be given."""

    user_id: int
    account_id: int | None
    reach: Reach
    has_chosen: bool = False
    """Whether he picked that account himself."""

    def may_ride(self, account: Account) -> bool:
        """An account of his own is his, whatever pool it is in."""
        is_his = account.private_to == self.user_id
        return is_his or (account.private_to is None and self.reach.holds(account.id))


def choose_account(
    rider: Rider,
    accounts: Mapping[int, Account],
    riders: Mapping[int, int],
    now: float,
) -> Account | None:
    """The user's own car if usable, else the usable one with the fewest riders; None = none.

    A cooling car is kept: its rider's conversations live there, and the upstream says itself
    how long to wait. `riders` counts the users now on each account.
    """
    current = accounts.get(rider.account_id) if rider.account_id is not None else None
    if current and rider.may_ride(current) and _runs(current):
        return current
    usable = [a for a in accounts.values() if _may_be_given(a, rider, now)]
    return min(usable, key=lambda a: (_is_reserve(a), riders.get(a.id, 0), a.id), default=None)


def why_left(rider: Rider, accounts: Mapping[int, Account]) -> str:
    """Why a user does not keep the car he had; empty when he had none."""
    if rider.account_id is None:
        return ""
    current = accounts.get(rider.account_id)
    if current is None:
        return "gone"
    if not rider.may_ride(current):
        return "private" if current.private_to is not None else "other pool"
    return "disabled" if not current.enabled else current.status.value


def named_account(
    call: BridgeCall, accounts: Mapping[int, Account], reach: Reach
) -> Account | None:
    """The account an API call means itself: its own, or the one its conversation lives on. None
    when it names none, or that one may not be lent; calls that name none are `core.pool_choice`.
    """
    if call.own_account:
        return call.own_account
    tied = accounts.get(call.account_id) if call.account_id is not None else None
    if call.caller == OPERATOR:
        return tied
    is_his = tied and tied.private_to is not None and call.caller == f"user:{tied.private_to}"
    may_be = tied and (is_his or reach.holds(tied.id)) and tied.id not in call.avoid
    return tied if tied and may_be and _runs(tied) else None


def _may_be_given(account: Account, rider: Rider, now: float) -> bool:
    is_web = account.traffic is not Traffic.API and not account.draining
    return is_web and account.is_usable(now) and rider.may_ride(account)


def _is_reserve(account: Account) -> bool:
    return account.traffic is Traffic.RESERVE


def _runs(account: Account) -> bool:
    return account.is_usable(account.cooling_until)
