"""What is recorded, once for each flow, and what becomes of it while the database is away."""

import pytest
from mitmproxy.test import tflow

import db
from addons import flow_context, records
from addons.flow_context import Destination, Door, FlowContext
from addons.records import Records
from core.client_address import Client
from core.origins import MirrorOrigin, Origins

MIRROR = MirrorOrigin("http", "mirror.test")


class Store:
    """Keeps what is written, unless it is away."""

    def __init__(self):
        self.rows, self.is_away = [], False

    async def call(self, function, rows):
        assert function is db.add_records
        if self.is_away:
            raise db.DatabaseUnavailableError("away")
        self.rows += rows


def flow(number=1, destination=Destination.UPSTREAM, **more):
    made = tflow.tflow(resp=True, **more)
    context = FlowContext(
        request_id=f"r-{number}",
        door=Door.BROWSER,
        started=1.0,
        client=Client("127.0.0.1", "http", "mirror.test", trusted=False),
        mirror=MIRROR,
        origins=Origins(MIRROR, ()),
        path="/secret-path?q=secret",
        destination=destination,
    )
    flow_context.attach(made, context)
    return made


async def test_a_flow_is_recorded_once_however_often_it_ends():
    store = Store()
    keeper, ended = Records(store, 30), flow()
    keeper.responseheaders(ended)
    keeper.response(ended)
    keeper.error(ended)
    await keeper.save()
    (row,) = store.rows
    assert (row.request_id, row.outcome, row.status) == ("r-1", "ok", 200)
    assert row.first_byte_ms <= row.total_ms
    assert "secret" not in repr(row)


async def test_a_lost_connection_is_recorded_as_such():
    store = Store()
    keeper = Records(store, 30)
    keeper.error(flow(err=True))
    await keeper.save()
    assert store.rows[0].outcome == "network"


@pytest.mark.parametrize("destination", [Destination.SIDECAR, Destination.NOWHERE])
async def test_our_own_pages_are_not_recorded(destination):
    store = Store()
    keeper = Records(store, 30)
    keeper.response(flow(destination=destination))
    await keeper.save()
    assert store.rows == []


async def test_while_the_database_is_away_the_oldest_are_dropped(monkeypatch):
    monkeypatch.setattr(records, "MOST_UNSAVED", 3)
    store = Store()
    keeper = Records(store, 30)
    store.is_away = True
    for number in range(1, 6):
        keeper.response(flow(number))
        await keeper.save()
    store.is_away = False
    await keeper.save()
    assert [row.request_id for row in store.rows] == ["r-3", "r-4", "r-5"]
    assert keeper.dropped == 2
