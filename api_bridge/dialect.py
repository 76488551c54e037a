"""The interfaces that clients know: how each is asked, and how each is answered.

Between the two there is one translation for all of them (`answer`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from api_bridge import anthropic_events, response_events, sse
from api_bridge.answer_head import Chunk, Head
from api_bridge.anthropic_messages import parse_anthropic
from api_bridge.chat_request import ReadMessages, chat_messages
from api_bridge.completion_fold import fold
from api_bridge.completions import chunks
from api_bridge.deltas import Delta
from api_bridge.response_items import response_messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One interface."""

    answer_id: str
    """What the ids of its answers begin with."""
    call_id: str
    read_messages: ReadMessages
    chunks: Callable[[Iterable[Delta], Head], Iterator[Chunk]]
    stream: Callable[[Iterable[Chunk], Head], Iterator[bytes]]
    """The chunks of an answer as the body of a streamed one."""
    fold: Callable[[Iterable[Chunk]], Chunk]
    """The same in one piece."""
    always_tells_usage: bool = True
    repeats: Collection[str] = ()
    """The fields of a request that stand in its answer again."""
    remembers: bool = False
    """Whether a request may go on from an earlier answer by its id."""


CHAT = Dialect(
    answer_id="chatcmpl-",
    call_id="call_",
    read_messages=chat_messages,
    chunks=chunks,
    stream=lambda found, _: sse.stream(found),
    fold=fold,
    always_tells_usage=False,
)
RESPONSES = Dialect(
    answer_id="resp_",
    call_id="call_",
    read_messages=response_messages,
    chunks=response_events.events,
    stream=lambda found, head: sse.named(found, partial(response_events.failure, head=head)),
    fold=response_events.fold,
    repeats=response_events.REPEATED,
    remembers=True,
)
ANTHROPIC = Dialect(
    answer_id="msg_",
    call_id="toolu_",
    read_messages=parse_anthropic,
    chunks=anthropic_events.events,
    stream=lambda found, _: sse.named(found, anthropic_events.failure),
    fold=anthropic_events.fold,
)
