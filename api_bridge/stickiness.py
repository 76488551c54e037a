"""What makes two requests parts of one conversation, though neither says so. Only ever a hint.

Grok knows nothing of it, but answers are more alike and cheaper for it when they come from the same
account. The key is a digest: what a user wrote is told to nobody, not even in a header on loopback.
"""

import hashlib
from collections.abc import Iterable, Iterator

from api_bridge.messages import FilePart, ImagePart, Message, TextPart
from api_bridge.request_fields import RequestFields

_LENGTH = 32
_CONVERSATIONS = ("prompt_cache_key",)
_PEOPLE = ("user", "safety_identifier")


def sticky_key(fields: RequestFields, messages: Iterable[Message], conversation: str = "") -> str:
    """By the name a client gives its conversation, or else by who began it with which words."""
    if named := conversation or _first(fields, _CONVERSATIONS):
        return _digest([named])
    person = _first(fields, _PEOPLE) or _of_anthropic(fields)
    return _digest([person, *_beginning(messages)])


def _of_anthropic(fields: RequestFields) -> str:
    metadata = fields.get("metadata")
    named = metadata.get("user_id") if isinstance(metadata, dict) else None
    return named if isinstance(named, str) else ""


def _first(fields: RequestFields, names: Iterable[str]) -> str:
    values = map(fields.get, names)
    return next((value for value in values if isinstance(value, str) and value), "")


def _beginning(messages: Iterable[Message]) -> Iterator[str]:
    """Up to the first question: what comes later is new in every request."""
    for message in messages:
        yield message.role
        for part in message.parts:
            match part:
                case TextPart(text):
                    yield text
                case ImagePart(url):
                    yield url
                case FilePart(data_url, name, file_id):
                    yield data_url or name or file_id
        if message.role == "user":
            return


def _digest(words: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for word in words:
        data = word.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()[:_LENGTH]
