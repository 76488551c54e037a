"""Holds an answer back until its JSON can be told from the prose around it.

Clients of JSON mode wait for the end anyway; an empty piece tells them that an answer is coming.
"""

from collections.abc import Iterable, Iterator

from api_bridge.deltas import Annotation, Content, Delta, Finish
from api_bridge.json_output import extract


def only_json(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """The answer's JSON, or its text as it was when there is none in it."""
    held: list[str] = []
    for delta in deltas:
        match delta:
            case Content(text):
                if not held:
                    yield Content("")
                held.append(text)
            case Annotation():
                pass  # its places are those of the text before
            case Finish():
                if text := "".join(held):
                    yield Content(extract(text) or text)
                yield delta
            case _:
                yield delta
