"""Pieces of an answer on their way to a caller: between Grok's events and a dialect's chunks.

Stages turn one stream of them into another; every stream ends with one Finish or raises
GrokFailedError.
"""

from dataclasses import dataclass
from typing import Literal

from api_bridge.messages import ToolCall

type FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class Content:
    """Visible text; empty to say that an answer is on its way."""

    text: str


@dataclass(frozen=True, slots=True)
class Addition(Content):
    """Visible text that is ours and not the model's: links and footnotes."""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Thoughts."""

    text: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A source of the visible text between two of its characters."""

    url: str
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call, complete."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Ids:
    """What Grok calls the conversation and the answer."""

    conversation_id: str
    response_id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to say yet, and the caller should not give up."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The honest end."""

    reason: FinishReason
    sequence: str = ""
    """The stop sequence that the answer ended before."""


type Delta = Content | Reasoning | Annotation | Call | Ids | Waiting | Finish
