"""One question and its answer, with attempts on several accounts if need be, and a clock over them.

A generator that may be closed from another thread or greenlet while it waits: whoever notices that
the caller has left frees Grok at once. Whether to try again is decided in `failover`.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType

from api_bridge.attempt import Attempt
from api_bridge.background import Background, OverError, Source
from api_bridge.events import (
    Bundle,
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    Lent,
    Silence,
    Started,
)
from api_bridge.failover import Attempts, is_substance
from api_bridge.gathering import gathered
from api_bridge.lifeline import CutError, Lifeline
from api_bridge.refused import RefusedError
from api_bridge.watch import Patience, SilenceWatch

LEAVE_SECONDS = 0.5
"""For the rest of an answer that is complete, so that its connection can be used again."""

_BROKEN = Failed(FailureKind.CUT, "Grok's answer broke off before its end.")
_NOT_NOTED = Failed(FailureKind.INTERNAL, "The conversation could not be written down.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a turn needs from those who know accounts and callers."""

    attempt: Callable[[Lifeline, frozenset[int]], Attempt]
    """A try on an account that is none of these."""
    note: Callable[[int, Started], bool]
    """Writes down whose the ids are; False when they must not be told."""


class Turn(Generator[GrokEvent, None, None]):
    """The events of one turn, ended by Finished or Failed."""

    def __init__(self, plan: Plan, patience: Patience, *, is_tied: bool) -> None:
        self._plan, self._patience = plan, patience
        self._attempts = Attempts(time.monotonic() + patience.failover, is_tied)
        self._running: _Running | None = None
        self._is_closed = False
        self._all = self._turn()

    def send(self, value: None) -> GrokEvent:
        return next(self._all)

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> GrokEvent:
        self.close()
        raise typ

    def close(self) -> None:
        """Hang up. Whoever waits for the next event is told that there is none."""
        self._is_closed = True
        if self._running:
            self._running.end()
        with suppress(ValueError):  # it is being read at this moment, and has just been woken
            self._all.close()

    def _turn(self) -> Generator[GrokEvent, None, None]:
        attempts = self._attempts
        while not self._is_closed:
            attempts.count += 1
            running = self._start(frozenset(attempts.avoid))
            failed = yield from self._attempt(running)
            if failed is None or self._is_closed:
                return
            if not attempts.should_retry(failed, running.account_id, time.monotonic()):
                yield attempts.verdict()
                return

    def _start(self, avoid: frozenset[int]) -> "_Running":
        lifeline = Lifeline()
        attempt = self._plan.attempt(lifeline, avoid)
        may_retry = self._attempts.may_go_on(time.monotonic())
        watch = SilenceWatch(self._patience, time.monotonic(), may_retry=may_retry)
        self._running = running = _Running(lifeline, attempt, watch)
        if self._is_closed:
            running.end()
        return running

    def _attempt(self, running: "_Running") -> Generator[GrokEvent, None, Failed | None]:
        """Passes on what is said; returns the failure if nothing of substance was."""
        held: list[Started] = []  # ids of an attempt that may come to nothing
        has_begun = False
        try:
            for event in running.events():
                if isinstance(event, Failed) and not has_begun:
                    return event
                if isinstance(event, Started) and not has_begun:
                    held.append(event)
                    continue
                if is_substance(event) and not has_begun:
                    has_begun = True
                    running.watch.began()
                    yield from self._noted(held, running)
                if isinstance(event, Started):
                    yield from self._noted([event], running)
                else:
                    yield running.marked(event)
                if isinstance(event, Failed | Finished):
                    return None
        except _NotNotedError:
            return _NOT_NOTED
        finally:
            running.end()
        return None

    def _noted(self, ids: list[Started], running: "_Running") -> Iterator[GrokEvent]:
        for started in ids:
            if not self._plan.note(running.account_id, started):
                raise _NotNotedError
            yield started


class _NotNotedError(Exception):
    """Ids that are nobody's must reach nobody."""


class _Running:
    """An attempt under way in the background, and how its silence is counted."""

    def __init__(self, lifeline: Lifeline, attempt: Attempt, watch: SilenceWatch) -> None:
        self.watch = watch
        self._lifeline = lifeline
        self.account_id = 0
        """0 while none is known, and for a caller's own."""
        self._source: Source[Bundle] = Background(attempt.bundles)
        self._is_leaving = False

    def end(self) -> None:
        if not self._is_leaving:
            self._lifeline.cut()
            self._source.stop()

    def events(self) -> Iterator[GrokEvent]:
        """All that is heard; Silence now and then, and a failure when it stays silent."""
        while (bundle := self._next()) is not None:
            for event in bundle:
                if isinstance(event, Lent):
                    self.account_id = event.account_id
                    continue
                if isinstance(event, Finished):
                    self._leave()
                yield event
            if self.watch.must_tell(time.monotonic()):
                yield Silence()
                self.watch.told(time.monotonic())

    def marked(self, event: GrokEvent) -> GrokEvent:
        """An image is fetched later with the account that made it."""
        if isinstance(event, Image):
            return replace(event, account_id=self.account_id)
        return event

    def _leave(self) -> None:
        """All is said: hear the rest of the answer out, if it is not long."""
        self._is_leaving = True
        self._lifeline.cut_within(LEAVE_SECONDS)
        self._source.stop()

    def _next(self) -> Bundle | None:
        """What has come; empty when nothing has; None at the end."""
        self._source = self._source.heir()
        try:
            bundles = self._source.take(self.watch.wait(time.monotonic()))
        except RefusedError as refused:
            self.account_id = refused.account_id or self.account_id
            return [refused.failed]
        except OverError:
            return None if self._lifeline.is_cut else [_BROKEN]
        except CutError:
            return None
        now = time.monotonic()
        if bundles:
            self.watch.heard(now)
            return gathered(event for bundle in bundles for event in bundle)
        failed = self.watch.stalled(now)
        return [failed] if failed else []
