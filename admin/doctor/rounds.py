"""The examinations asked for on the console: one at a time, the last one kept in memory.

An examination goes on in a thread (the sidecar's are greenlets) whether anybody watches or not;
any number of pages may watch it, each from its beginning.
"""

import threading
import time
from collections.abc import Callable, Iterator

from core.doctor.findings import Finding

type Examine = Callable[[], Iterator[Finding]]


class Round:
    """One examination, under way or over."""

    def __init__(self, examine: Examine) -> None:
        self.began_at = time.time()
        self.is_over = False
        self._found: list[Finding] = []
        self._news = threading.Condition()
        threading.Thread(target=self._run, args=(examine,), daemon=True).start()

    @property
    def found(self) -> list[Finding]:
        """What is known so far."""
        return list(self._found)

    def watch(self) -> Iterator[Finding]:
        """Every finding, waiting for those to come."""
        seen, is_over = 0, False
        while not is_over:
            with self._news:
                while not (self.is_over or self._found[seen:]):
                    self._news.wait()
                fresh, is_over = self._found[seen:], self.is_over
            yield from fresh
            seen += len(fresh)

    def _run(self, examine: Examine) -> None:
        try:
            for finding in examine():
                with self._news:
                    self._found.append(finding)
                    self._news.notify_all()
        finally:
            with self._news:
                self.is_over = True
                self._news.notify_all()


class Rounds:
    """The last round; a click while it is under way starts no other."""

    def __init__(self) -> None:
        self.last: Round | None = None

    def start(self, examine: Examine) -> Round:
        if self.last is None or self.last.is_over:
            self.last = Round(examine)
        return self.last
