"""Everything the stand-in remembers, in one object that every request can reach.

Refuses to know how any of it is sent; `world_of` and `account_of` are the only doors to it.
"""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from standin.accounts import Account, AccountBook
from standin.conversations import ConversationStore
from standin.files import FileShelf
from standin.ledger import Entry, RequestLog, StreamBook
from standin.news import NewsDesk
from standin.records import RecordStore
from standin.switches import Switches


@dataclass(slots=True)
class World:
    """State of one running stand-in."""

    seed: str
    state_dir: Path
    accounts: AccountBook
    files: FileShelf
    switches: Switches
    initial_switches: Switches
    log: RequestLog = field(default_factory=RequestLog)
    streams: StreamBook = field(default_factory=StreamBook)
    conversations: ConversationStore = field(default_factory=ConversationStore)
    records: RecordStore = field(default_factory=RecordStore)
    news: NewsDesk = field(default_factory=NewsDesk)
    inflight: dict[str, asyncio.Event] = field(default_factory=dict)
    """Response id → set when somebody asked to stop that answer."""
    inflight_of: dict[str, set[str]] = field(default_factory=dict)
    """Conversation id → ids of the answers being written."""

    @classmethod
    def create(cls, seed: str, state_dir: Path, switches: Switches) -> "World":
        return cls(
            seed=seed,
            state_dir=state_dir,
            accounts=AccountBook(seed),
            files=FileShelf(state_dir / "files"),
            switches=switches,
            initial_switches=switches,
        )

    def reset(self) -> None:
        """As after the start: log, conversations, files, accounts and switches."""
        for stopped in self.inflight.values():
            stopped.set()
        self.log.clear()
        self.streams.clear()
        self.conversations = ConversationStore()
        self.records = RecordStore()
        self.files.clear()
        self.accounts.restore()
        self.switches = self.initial_switches

    def now(self) -> float:
        return time.time()

    def stop_answers(self, conversation_id: str) -> None:
        for response_id in self.inflight_of.get(conversation_id, ()):
            self.inflight[response_id].set()


WORLD = web.AppKey("world", World)
ACCOUNT = web.RequestKey("account", Account)
ENTRY = web.RequestKey("entry", Entry)


def world_of(request: web.Request) -> World:
    """The world this request is answered in."""
    return request.config_dict[WORLD]


def account_of(request: web.Request) -> Account:
    """The account whose cookies opened the gate; asking on an open path is a bug."""
    return request[ACCOUNT]
