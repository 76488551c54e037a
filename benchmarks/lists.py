"""How long the operator's lists take: a page of 100,000 accounts, an import of 10,000, a page of a
million records.

Run it by hand: `python -m benchmarks.lists`; `--postgres URL` measures an empty database of that
kind instead of SQLite.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import db
from core.account_import import Outcome, recognise
from core.account_list import AccountQuery, AccountState, Sort
from core.record_list import FAILED, Cursor
from core.settings import Settings
from db.record_list import RecordFilter
from db.tables import database

ACCOUNTS, IMPORTED, RECORDS = 100_000, 10_000, 1_000_000
TIMES = 7
NOW = 1_800_000_000.0
STEP = 2.5
"""Seconds from one record to the next: a month holds a million."""

ACCOUNT_QUERIES = {
    "first page": AccountQuery(),
    "last page": AccountQuery(page=5000),
    "by name": AccountQuery(sort=Sort.NAME, descending=True),
    "usable, by last use": AccountQuery(sort=Sort.USED, state=AccountState.USABLE),
    "search": AccountQuery(search="user77"),
}
RECORD_QUERIES = {
    "newest": RecordFilter(),
    "one caller": RecordFilter(callers=["key:7"]),
    "one account": RecordFilter(account_ids=[77]),
    "one request": RecordFilter(request="r-500000"),
    "any failure": RecordFilter(outcome=FAILED),
    "a rare outcome": RecordFilter(outcome="blocked"),
    "status 5xx, of which there is none": RecordFilter(status=5),
    "bridge, failures of one caller": RecordFilter(
        door="bridge", outcome=FAILED, callers=["key:7"]
    ),
    "a day, three weeks ago": RecordFilter(
        since=NOW - 21 * 86_400.0, until=NOW - 20 * 86_400.0, door="bridge"
    ),
}


class Took(NamedTuple):
    """Milliseconds; the CPU's say more on a machine that others use, and nothing of PostgreSQL."""

    wall: float
    cpu: float


def main() -> int:
    """Measure and print; the worst query of a kind is what counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db.open_database(Settings(data_dir=Path(folder), database_url=given.postgres))
        try:
            _tell(_everything())
        finally:
            db.close_database()
    return 0


def _everything() -> Iterable[tuple[str, Took]]:
    yield f"import {IMPORTED:,} tokens", _timed(_import)
    _fill_accounts()
    for name, query in ACCOUNT_QUERIES.items():
        yield f"{ACCOUNTS:,} accounts: {name}", _median(lambda q=query: db.list_accounts(q, NOW))
    _fill_records()
    for name, wanted in RECORD_QUERIES.items():
        yield f"{RECORDS:,} records: {name}", _median(lambda w=wanted: db.list_records(w, 50))
    middle = Cursor(NOW - RECORDS / 2 * STEP, 1)
    yield (
        f"{RECORDS:,} records: from the middle",
        _median(lambda: db.list_records(RecordFilter(), 50, older=middle)),
    )


def _tell(measured: Iterable[tuple[str, Took]]) -> None:
    sys.stdout.write("| work | ms | CPU ms of this process |\n|---|---|---|\n")
    for name, took in measured:
        sys.stdout.write(f"| {name} | {took.wall:.0f} | {took.cpu:.0f} |\n")
        sys.stdout.flush()


def _median(ask: Callable[[], object]) -> Took:
    took = [_timed(ask) for _ in range(TIMES)]
    wall, cpu = (statistics.median(values) for values in zip(*took, strict=True))
    return Took(wall, cpu)


def _timed(ask: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def _import(first: int = 0) -> None:
    middle = "eyJzZXNzaW9uX2lkIjoiYSJ9"
    lines = "\n".join(
        f"eyJhbGciOiJIUzI1NiJ9.{middle}.c2lnbmF0dXJlsecret{number:06d}"
        for number in range(first, first + IMPORTED)
    )
    report = db.import_accounts(recognise(lines).findings)
    assert report.count(Outcome.NEW) == IMPORTED


def _fill_accounts() -> None:
    """As they come in, and then as a month would leave them."""
    for first in range(IMPORTED, ACCOUNTS, IMPORTED):
        _import(first)
    database.execute_sql(f"""
        UPDATE accounts SET email = 'user' || id || '@example.org', enabled = MOD(id, 10) > 0,
            cooling_until = CASE MOD(id, 7) WHEN 0 THEN {NOW + 60} ELSE 0 END,
            status = CASE MOD(id, 11) WHEN 0 THEN 'signed_out' ELSE 'ok' END,
            tier = CASE MOD(id, 3) WHEN 0 THEN 'super' ELSE 'basic' END,
            last_used_at = {NOW} - id, remark = 'batch ' || MOD(id, 50)""")  # noqa: S608


def _fill_records() -> None:
    why = '{"w":"pool","s":"most-quota","c":[7,8,9],"n":64,"x":{"resting":12},"e":[[3,"resting"]]}'
    database.execute_sql(f"""
        INSERT INTO flow_records (request_id, ended_at, door, caller, account_id, egress_id, mode,
            outcome, status, first_byte_ms, total_ms, bytes_out, why)
        SELECT 'r-' || i, {NOW} - ({RECORDS} - i) * {STEP},
            CASE MOD(i, 2) WHEN 0 THEN 'bridge' ELSE 'browser' END,
            CASE MOD(i, 2) WHEN 0 THEN 'key:' || MOD(i, 40) ELSE 'user:' || MOD(i, 300) END,
            MOD(i, 1000), MOD(i, 5), 'fast',
            CASE WHEN MOD(i, 50) = 0 THEN 'rate_limited' WHEN i = 500 THEN 'blocked' ELSE 'ok' END,
            CASE MOD(i, 50) WHEN 0 THEN 429 ELSE 200 END, 300, 4000, 20000, '{why}'
        FROM ({_numbers(RECORDS)}) AS n""")  # noqa: S608 - numbers of ours


def _numbers(count: int) -> str:
    more = f"SELECT i + 1 FROM n WHERE i < {count}"  # noqa: S608 - a number of ours
    return f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL {more}) SELECT i FROM n"  # noqa: S608


if __name__ == "__main__":
    sys.exit(main())
