"""Which accounts are lent now. In memory only: a process that dies takes its leases with it."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """One account, lent to one flow."""

    number: int
    account_id: int


class Leases:
    """Lends and takes back. Ending a lease twice is once."""

    def __init__(self) -> None:
        self._open: dict[int, Lease] = {}
        self._last = 0
        self._lent_at: dict[int, int] = {}
        self.loans: Counter[int] = Counter()
        """Open leases by account; accounts without one are not in it."""
        self.uses: Counter[int] = Counter()
        """Leases by account since the start."""

    def lend(self, account_id: int) -> Lease:
        self._last += 1
        lease = Lease(self._last, account_id)
        self._open[lease.number] = lease
        self.loans[account_id] += 1
        self.uses[account_id] += 1
        self._lent_at[account_id] = self._last
        return lease

    def end(self, lease: Lease) -> bool:
        """False when it had ended before."""
        if self._open.pop(lease.number, None) is None:
            return False
        self.loans[lease.account_id] -= 1
        if not self.loans[lease.account_id]:
            del self.loans[lease.account_id]
        return True

    def lent_at(self, account_id: int) -> int:
        """The number of its last lease: the smaller, the longer ago."""
        return self._lent_at.get(account_id, 0)

    def __len__(self) -> int:
        return len(self._open)
