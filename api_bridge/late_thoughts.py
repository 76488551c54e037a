"""Leaves out thoughts that come once the answer has begun.

Interfaces whose answers are rows of blocks would have their text cut in two by them, and clients
take the last block for the whole. Chats keep thoughts apart from the text, and show these too.
"""

from collections.abc import Iterable, Iterator

from api_bridge.deltas import Call, Content, Delta, Reasoning


def without_late_thoughts(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """The same answer, with thoughts before it only."""
    has_begun = False
    for delta in deltas:
        if isinstance(delta, Call) or (isinstance(delta, Content) and delta.text):
            has_begun = True
        if not (has_begun and isinstance(delta, Reasoning)):
            yield delta
