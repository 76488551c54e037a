"""How long choosing an account takes among ten and among ten thousand.

Run it by hand: `python -m benchmarks.choosing`, or as rows of `make bench`.
"""

import asyncio
import statistics
import sys
import time
from typing import cast

from addons.lending import Lending
from addons.mode_book import ModeBook
from addons.store import Snapshot, Store
from core.account import Account
from core.bridge_call import BridgeCall
from core.people import KeyTies, People
from core.pool_choice import Strategy
from core.quota import Quota

SIZES = (10, 10_000)
TIMES = 500


def measure(size: int, strategy: Strategy = Strategy.MOST_QUOTA) -> float:
    """Median milliseconds of a lease and its end, with a third of the accounts at work."""
    return asyncio.run(_measure(size, strategy))


async def _measure(size: int, strategy: Strategy) -> float:
    accounts = {n: Account(id=n, name=str(n), sso_token="") for n in range(1, size + 1)}
    people = People(keys={1: KeyTies()})
    snapshot, modes = Snapshot(1, accounts, people=people), ModeBook(cast("Store", None))
    for account_id in accounts:
        quota = Quota(remaining=account_id % 50, total=50)
        modes.set_quota(account_id, "fast", quota, time.time())
    lending = Lending(lambda: snapshot, modes, strategy, 4)
    call = BridgeCall("key:1", mode="fast")
    open_leases = [await lending.lend(call) for _ in range(size // 3)]
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        lending.end(await lending.lend(call))
        took.append((time.perf_counter() - began) * 1000)
    for lease in open_leases:
        lending.end(lease)
    return statistics.median(took)


def rows(name: str) -> list[dict[str, object]]:
    """One row for each size, in the column of this name; nobody else does the like."""
    return [{"work": f"choose among {size:,} accounts, ms", name: measure(size)} for size in SIZES]


def main() -> int:
    """Each strategy by itself."""
    for strategy in Strategy:
        times = ", ".join(f"{size:,}: {measure(size, strategy):.3f} ms" for size in SIZES)
        sys.stdout.write(f"{strategy.value}: {times}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
