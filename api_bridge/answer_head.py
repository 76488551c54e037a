"""What every dialect's answers are made of: chunks, and what is known before the first of them.

An empty chunk stands for nothing but patience: the stream shows it as a comment, the fold skips it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api_bridge.deltas import Ids

type Chunk = dict[str, Any]

PATIENCE: Chunk = {}


class ReasoningStyle(StrEnum):
    """Where thoughts go."""

    FIELD = "field"
    TAGS = "tags"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is the same in all chunks of an answer, and how they are to be written."""

    id: str
    created: int
    model: str
    reasoning: ReasoningStyle = ReasoningStyle.FIELD
    prompt_tokens: int = 0
    include_usage: bool = False
    tells_conversation: bool = False
    legacy_calls: bool = False
    """Calls as `function_call`, for who asked with `functions`."""
    repeated: Mapping[str, Any] = field(default_factory=dict)
    """What the answer repeats of the request."""

    def told(self, ids: Ids) -> dict[str, str]:
        """What the caller is told of Grok's ids, as far as they are known."""
        found = {"conversation_id": ids.conversation_id, "message_id": ids.response_id}
        shown = found.items() if self.tells_conversation else ()
        return {name: value for name, value in shown if value}
