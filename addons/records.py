"""Keeps a record of every flow that was meant for Grok: written in batches, beside the loop.

When the database is away the oldest are dropped and counted; no flow ever waits for its record.
"""

import logging
import time
from collections import deque

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context
from addons.flow_context import Destination, FlowContext
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store
from core.flow_record import FlowRecord
from core.outcomes import Answer, Outcome, classify

log = logging.getLogger(__name__)

SAVE_SECONDS = 2.0
PURGE_SECONDS = 3600.0
MOST_UNSAVED = 20_000
_DAY = 86_400.0


class Records:
    """`days` is how long they are kept; `dropped` counts those that were never written."""

    def __init__(self, store: Store, days: int) -> None:
        self._store = store
        self._days = days
        self._unsaved: deque[FlowRecord] = deque()
        self._saving = Recurring(SAVE_SECONDS, self.save)
        self._purging = Recurring(PURGE_SECONDS, self._purge, first=SAVE_SECONDS)
        self.dropped = 0

    def responseheaders(self, flow: HTTPFlow) -> None:
        flow_context.of(flow).first_byte_at = time.monotonic()

    def response(self, flow: HTTPFlow) -> None:
        if not flow.websocket:
            self._keep(flow)

    def error(self, flow: HTTPFlow) -> None:
        self._keep(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._keep(flow)

    def running(self) -> None:
        self._saving.start()
        self._purging.start()

    async def done(self) -> None:
        self._saving.stop()
        self._purging.stop()
        await self.save()

    async def save(self) -> None:
        """Write what is not written yet; what fails is tried again while there is room."""
        batch = list(self._unsaved)
        self._unsaved.clear()
        if not batch:
            return
        try:
            await self._store.call(db.add_records, batch)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("flows could not be recorded: %s; trying again", type(error).__name__)
            self._unsaved.extendleft(reversed(batch))
            self._drop_oldest()

    def _keep(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.destination is not Destination.UPSTREAM or context.recorded:
            return
        context.recorded = True
        self._unsaved.append(_record(flow, context))
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        while len(self._unsaved) > MOST_UNSAVED:
            self._unsaved.popleft()
            self.dropped += 1

    async def _purge(self) -> None:
        try:
            await self._store.call(db.purge_records, time.time() - self._days * _DAY)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("old records were not removed: %s", type(error).__name__)


def _record(flow: HTTPFlow, context: FlowContext) -> FlowRecord:
    now, account = time.monotonic(), context.account
    first = context.first_byte_at
    return FlowRecord(
        request_id=context.request_id,
        ended_at=time.time(),
        door=context.door.value,
        caller=context.owner,
        account_id=account.id if account else None,
        egress_id=account.egress_id if account else None,
        mode=context.mode,
        outcome=_outcome(flow, context).value,
        status=flow.response.status_code if flow.response else 0,
        first_byte_ms=int((first - context.started) * 1000) if first else None,
        total_ms=int((now - context.started) * 1000),
        bytes_out=context.bytes_out,
        why=context.why.to_json() if context.why else "",
    )


def _outcome(flow: HTTPFlow, context: FlowContext) -> Outcome:
    if flow.error or flow.response is None:
        return Outcome.NETWORK
    if context.answered_here and flow.response.status_code >= 400:
        return Outcome.REFUSED
    return context.outcome or classify(Answer(flow.response.status_code))
