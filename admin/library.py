"""A user's conversations, wherever they are: with Grok, on all accounts where he has some, and in
his archive. What is not his is not found.

Titles are remembered for a short while, so that turning pages asks Grok nothing.
"""

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import db
from admin.grok_history import HEADS_AT_ONCE, GrokHistory, HistoryError, Trouble
from core.conversation import Head, Message
from core.user import caller_name

CONVERSATION = "conversation"
REMEMBERED = 120.0
MOST_REMEMBERED = 20_000
BUDGET = 15.0
"""Seconds spent on titles for one page; the rest is listed by the next."""
LARGEST = 64 * 2**20
"""Characters of one conversation."""

type Place = tuple[int, str]
"""Account and conversation."""


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation in the list."""

    account_id: int
    head: Head
    is_live: bool
    """Grok has it, as far as can be told now."""
    archived_at: float | None = None


@dataclass(slots=True)
class Listing:
    """All of a user's, the last changed first."""

    items: list[Item] = field(default_factory=list)
    troubles: dict[int, Trouble] = field(default_factory=dict)
    """Accounts that cannot be asked now."""
    unread: int = 0
    """How many have not been looked at yet."""


@dataclass(frozen=True, slots=True)
class Read:
    """A whole conversation, and where it came from."""

    head: Head
    messages: list[Message]
    archived_at: float | None = None


class Library:
    """One for the process."""

    def __init__(self, history: GrokHistory) -> None:
        self._history = history
        self._heads: dict[Place, tuple[float, Head | None]] = {}

    def list(self, user_id: int) -> Listing:
        """What he has, with titles."""
        found, until = Listing(), time.monotonic() + BUDGET
        copies = {(one.account_id, one.head.id): one for one in db.list_archived(user_id)}
        for account_id, ids in owned_ids(user_id).items():
            if not is_alive(account_id):
                found.troubles[account_id] = Trouble.NO_ACCOUNT
                continue
            try:
                self.learn(user_id, account_id, ids, until)
            except HistoryError as error:
                found.troubles[account_id] = error.trouble
            for conversation_id in ids:
                place = (account_id, conversation_id)
                if place not in self._heads:
                    found.unread += account_id not in found.troubles
                elif head := self._heads[place][1]:
                    copy = copies.pop(place, None)
                    since = copy.archived_at if copy else None
                    found.items.append(Item(account_id, head, is_live=True, archived_at=since))
        found.items += [
            Item(one.account_id, one.head, is_live=False, archived_at=one.archived_at)
            for one in copies.values()
        ]
        found.items.sort(key=lambda item: item.head.modified, reverse=True)
        return found

    def read(
        self, user_id: int, account_id: int, conversation_id: str, *, asks_grok: bool = True
    ) -> Read:
        """From Grok, or from the archive where Grok cannot be asked; HistoryError."""
        trouble = Trouble.GONE if asks_grok else Trouble.SLOW_DOWN
        if asks_grok and is_owner(user_id, account_id, conversation_id):
            try:
                return self._read_live(user_id, account_id, conversation_id)
            except HistoryError as error:
                trouble = error.trouble
        copy = db.load_archived(user_id, account_id, conversation_id)
        if copy is None:
            raise HistoryError(trouble)
        return Read(copy[0].head, copy[1], copy[0].archived_at)

    def _read_live(self, user_id: int, account_id: int, conversation_id: str) -> Read:
        if not is_alive(account_id):
            raise HistoryError(Trouble.NO_ACCOUNT)
        self.learn(user_id, account_id, [conversation_id])
        head = self._heads.get((account_id, conversation_id), (0.0, None))[1]
        if head is None:
            raise HistoryError(Trouble.GONE)
        return Read(head, read_whole(self._history, user_id, account_id, conversation_id))

    def learn(
        self, user_id: int, account_id: int, ids: Sequence[str], until: float = math.inf
    ) -> None:
        """Look up the titles that are not known, as long as there is time."""
        now = time.monotonic()
        unknown = [one for one in ids if self._heads.get((account_id, one), (0.0,))[0] < now]
        if len(self._heads) + len(unknown) > MOST_REMEMBERED:
            self._heads.clear()
        for start in range(0, len(unknown), HEADS_AT_ONCE):
            if time.monotonic() > until:
                return
            some = unknown[start : start + HEADS_AT_ONCE]
            heads = {head.id: head for head in self._history.heads(user_id, account_id, some)}
            for one in some:
                self._heads[account_id, one] = (now + REMEMBERED, heads.get(one))


def owned_ids(user_id: int) -> dict[int, list[str]]:
    """His conversations by account, temporary and deleted ones too."""
    found: dict[int, list[str]] = defaultdict(list)
    for one in db.owned_by(caller_name(user_id), None, CONVERSATION):
        found[one.account_id].append(one.object_id)
    return found


def is_owner(user_id: int, account_id: int, conversation_id: str) -> bool:
    """Whether it is his, as the proxy has written down."""
    owners = db.owners_of(account_id, [conversation_id])
    return owners.get((CONVERSATION, conversation_id)) == caller_name(user_id)


def is_alive(account_id: int) -> bool:
    """Whether the account may be asked at all."""
    return account_id in db.living_accounts([account_id])


def read_whole(
    history: GrokHistory, user_id: int, account_id: int, conversation_id: str
) -> list[Message]:
    """All messages, within a bound."""
    found, size = list[Message](), 0
    for some in history.messages(user_id, account_id, conversation_id):
        found += some
        size += sum(len(message.text) for message in some)
        if size > LARGEST:
            raise HistoryError(Trouble.AWAY)
    return found


def account_names(account_ids: Iterable[int]) -> dict[int, str]:
    """As users know them; a number for one that is gone."""
    wanted = set(account_ids)
    names = db.account_names(wanted)
    return {one: names.get(one) or f"#{one}" for one in wanted}
