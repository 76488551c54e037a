"""Makes the copies that users have asked for, in the background and gently.

One conversation at a time, with a pause before each question; only those that have changed, and
none that is temporary. Where Grok wants to be left alone, the account is for a while.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import db
from admin.grok_history import HEADS_AT_ONCE, GrokHistory, HistoryError, Trouble
from admin.library import is_alive, owned_ids, read_whole
from core.conversation import Head

log = logging.getLogger(__name__)

PACE = 3.0
REST = 900.0
"""Seconds an account is left alone that has said so."""
BETWEEN_ROUNDS, SOON = 600.0, 30.0
MOST_IN_A_ROUND = 40
"""Copies for one user before it is the next one's turn."""


@dataclass
class Archivist:
    """`wait` pauses and tells whether to stop."""

    history: GrokHistory
    megabytes: int
    wait: Callable[[float], bool]
    pace: float = PACE
    _resting: dict[int, float] = field(default_factory=dict)
    _too_large: set[tuple[int, Head]] = field(default_factory=set)
    """What did not fit, so that it is not read again and again."""

    def run(self) -> None:
        """Until told to stop."""
        is_over = self.wait(SOON)
        while not is_over:
            try:
                is_done = self.round()
            except db.StorageError as error:
                log.warning("the archive waits for the database: %s", type(error).__name__)
                is_done = True
            is_over = self.wait(BETWEEN_ROUNDS if is_done else SOON)

    def round(self) -> bool:
        """One turn for everybody; whether nothing was left to do."""
        done = [self._serve(user_id) for user_id in db.archive_users(time.time())]
        return all(done)

    def _serve(self, user_id: int) -> bool:
        made = 0
        for account_id, ids in owned_ids(user_id).items():
            if self._resting.get(account_id, 0.0) > time.monotonic() or not is_alive(account_id):
                continue
            try:
                made += self._copy(user_id, account_id, ids, MOST_IN_A_ROUND - made)
            except HistoryError as error:
                if error.trouble is Trouble.SLOW_DOWN:
                    self._resting[account_id] = time.monotonic() + REST
                log.info("archive of user %d: account %d %s", user_id, account_id, error)
            if made >= MOST_IN_A_ROUND:
                return False
        return True

    def _copy(self, user_id: int, account_id: int, ids: list[str], most: int) -> int:
        kept, made = db.archived_moments(user_id, account_id), 0
        for start in range(0, len(ids), HEADS_AT_ONCE):
            if most <= made or self.wait(self.pace):
                break
            some = ids[start : start + HEADS_AT_ONCE]
            for head in self.history.heads(user_id, account_id, some):
                known, size = kept.get(head.id, ("", 0))
                if head.temporary or (known and known == head.modified):
                    continue
                if (user_id, head) in self._too_large:
                    continue
                if made >= most or self.wait(self.pace):
                    return made
                made += self._keep(user_id, account_id, head, size)
        return made

    def _keep(self, user_id: int, account_id: int, head: Head, before: int) -> bool:
        try:
            messages = read_whole(self.history, user_id, account_id, head.id)
        except HistoryError as error:
            if error.trouble is Trouble.GONE:
                return False
            raise
        packed = db.pack(messages)
        size = db.archive_size(user_id) - before + db.sealed_size(packed)
        if size > self.megabytes * 2**20:
            self._too_large.add((user_id, head))
            return False
        return db.keep_copy(user_id, account_id, head, packed, time.time())


def start(history: GrokHistory, megabytes: int) -> threading.Event:
    """In a thread of its own; set the event to end it."""
    over = threading.Event()
    archivist = Archivist(history, megabytes, over.wait)
    threading.Thread(target=archivist.run, name="archivist", daemon=True).start()
    return over
