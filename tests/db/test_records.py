"""The record of finished flows, and its sums by hour."""

from dataclasses import replace

import db
from core.flow_record import FlowRecord
from core.settings import Settings

RECORD = FlowRecord(
    request_id="r-1",
    ended_at=7300.0,
    door="bridge",
    caller="key:1",
    account_id=7,
    egress_id=2,
    mode="fast",
    outcome="ok",
    status=200,
    first_byte_ms=40,
    total_ms=900,
    bytes_out=5_000_000_000,
    why='{"w":"kept"}',
)
LOST = replace(RECORD, request_id="r-2", outcome="network", account_id=None, first_byte_ms=None)


def test_what_goes_in_comes_out(opened: Settings) -> None:
    db.add_records([RECORD, LOST])
    assert db.load_records() == [LOST, RECORD]
    assert db.load_records(1) == [LOST]


def test_sums_grow_with_each_batch(opened: Settings) -> None:
    db.add_records([RECORD, RECORD])
    db.add_records([replace(RECORD, outcome="failed"), LOST, replace(RECORD, ended_at=99_000.0)])
    sums = {(s.hour, s.account_id): (s.requests, s.failures) for s in db.load_hour_sums(0)}
    assert sums == {(7200, 7): (3, 1), (7200, 0): (1, 1), (97_200, 7): (1, 0)}
    assert len(db.load_hour_sums(97_200)) == 1


def test_a_thousand_at_once(opened: Settings) -> None:
    db.add_records([replace(RECORD, caller=f"key:{n}") for n in range(1000)])
    assert len(db.load_hour_sums(0)) == 1000


def test_old_ones_are_forgotten(opened: Settings) -> None:
    db.add_records([RECORD, replace(RECORD, ended_at=99_000.0)])
    assert db.purge_records(50_000.0) == 1
    assert [record.ended_at for record in db.load_records()] == [99_000.0]
    assert [row.hour for row in db.load_hour_sums(0)] == [97_200]


def test_sums_can_be_had_by_hour_by_account_and_by_caller(opened: Settings) -> None:
    other = replace(RECORD, caller="user:3", account_id=8, outcome="failed")
    db.add_records([RECORD, RECORD, other, replace(other, ended_at=99_000.0), LOST])
    hours = db.load_hour_totals(0)
    assert [(h.hour, h.requests, h.failures) for h in hours] == [(7200, 4, 2), (97_200, 1, 1)]
    assert [h.requests for h in db.load_hour_totals(0, account_id=7)] == [2]
    assert [h.requests for h in db.load_hour_totals(0, caller="key:1")] == [3]
    assert db.load_hour_totals(97_200, account_id=7) == []
    assert db.busiest_callers(0, 5) == [("key:1", 3, 1), ("user:3", 2, 2)]
    assert db.busiest_accounts(0, 2) == [(7, 2, 0), (8, 2, 2)]
    assert db.busiest_accounts(0, 5, caller="user:3") == [(8, 2, 2)]
