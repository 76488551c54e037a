"""Answers of the Responses interface, for requests that go on from one, or name an item of one.

Kept in memory only, for the caller who got them, and no longer than there is room.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api_bridge.answer_head import Chunk
from api_bridge.errors import BadRequestError
from api_bridge.json_bytes import json_bytes
from api_bridge.ports import Caller
from api_bridge.request_fields import RequestFields

MOST_BYTES = 32 * 2**20
"""Of all that is kept; what was asked longest ago makes room."""
_OVERHEAD = 1024
"""Of an answer, beside what was said."""

type Key = tuple[str, str]
"""Whose it is, and its id."""


@dataclass(frozen=True, slots=True)
class _Talk:
    """A conversation up to an answer: all items of its input and output, as JSON."""

    items: bytes
    answered: Mapping[Key, bytes]
    """The items of the answer, each by itself, which a later request may name."""

    @property
    def size(self) -> int:
        told = sum(map(len, self.answered.values()))
        return len(self.items) + told + _OVERHEAD * (1 + len(self.answered))


class Remembered:
    """May be used by any thread or greenlet."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._talks: OrderedDict[Key, _Talk] = OrderedDict()
        self._answered: dict[Key, bytes] = {}
        self._size = 0
        self._lock = threading.Lock()

    def completed(self, body: object, caller: Caller) -> object:
        """The request as it would be had its caller sent everything himself; BadRequestError when
        it names what is forgotten."""
        if not isinstance(body, dict):
            return body
        fields, owner = RequestFields(body), _name(caller)
        items = [self._item(item, owner) for item in _items(body.get("input"))]
        if previous := fields.text("previous_response_id"):
            items = [*self._talk(previous, owner), *items]
        return {**body, "input": items} if items else body

    def noted(self, events: Iterable[Chunk], body: object, caller: Caller) -> Iterator[Chunk]:
        """The events of the answer to a completed request; kept once it is complete."""
        for event in events:
            is_last = event.get("type") in ("response.completed", "response.incomplete")
            if is_last and isinstance(body, dict) and event["response"]["store"] is not False:
                self._keep(event["response"], _items(body.get("input")), _name(caller))
            yield event

    def _talk(self, name: str, owner: str) -> list[Any]:
        with self._lock:
            talk = self._talks.get((owner, name))
        if talk is None:
            raise BadRequestError(
                f"Previous response with id '{name[:80]}' not found: answers are remembered for a"
                " while only. Send the whole conversation in 'input'.",
                "previous_response_id",
                "previous_response_not_found",
            )
        found: list[Any] = json.loads(talk.items)
        return found

    def _item(self, item: object, owner: str) -> object:
        """The item that is meant by a reference; every other as it is."""
        if not isinstance(item, dict) or item.get("type") != "item_reference":
            return item
        name = str(item.get("id"))
        with self._lock:
            found = self._answered.get((owner, name))
        if found is None:
            message = f"Item with id '{name[:80]}' not found: send the item itself."
            raise BadRequestError(message, "input", "item_not_found")
        return json.loads(found)

    def _keep(self, response: Chunk, asked: list[Any], owner: str) -> None:
        key, items = (owner, response["id"]), response["output"]
        named = {(owner, item["id"]): json_bytes(item) for item in items}
        talk = _Talk(json_bytes([*asked, *items]), named)
        if talk.size > self._most:
            return
        with self._lock:
            self._talks[key] = talk
            self._answered |= named
            self._size += talk.size
            while self._size > self._most:
                _, oldest = self._talks.popitem(last=False)
                self._size -= oldest.size
                for item in oldest.answered:
                    del self._answered[item]


def _items(given: object) -> list[Any]:
    """The items of an input; a text is the user's message."""
    if isinstance(given, str) and given:
        return [{"type": "message", "role": "user", "content": given}]
    return given if isinstance(given, list) else []


def _name(caller: Caller) -> str:
    """Tells every caller from every other, those with tokens of their own included."""
    digest = hashlib.sha256(caller.sso_token.encode()).hexdigest() if caller.sso_token else ""
    return f"{caller.name} {digest}"
