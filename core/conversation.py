"""A conversation as Grok tells it and as it is kept: read from JSON, written as JSON again.

Fields come and go: what has a wrong type counts as absent. Knows nothing of files or pages.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Fields = Mapping[str, Any]

_LONGEST_TITLE = 300


class UnreadableAnswerError(ValueError):
    """What came is not what Grok answers."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a list shows of a conversation; moments are as Grok writes them."""

    id: str
    title: str = ""
    created: str = ""
    modified: str = ""
    temporary: bool = False
    """Meant to be forgotten soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One question or answer; with `parent` they form a tree, as an answer may be asked anew."""

    id: str
    role: Literal["user", "assistant"]
    text: str
    parent: str = ""
    created: str = ""
    model: str = ""
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    """Address and title of pages the answer names."""


def heads_in(body: bytes) -> list[Head]:
    """Of the answer of `conversations-many`."""
    return [
        Head(
            _text(one, "conversationId"),
            " ".join(_text(one, "title").split())[:_LONGEST_TITLE],
            _text(one, "createTime"),
            _text(one, "modifyTime"),
            one.get("temporary") is True,
        )
        for one in _objects(_object(body), "conversations")
        if _text(one, "conversationId")
    ]


def message_ids_in(body: bytes) -> list[str]:
    """Of the answer of `response-node`, in its order."""
    nodes = _objects(_object(body), "responseNodes")
    return list(dict.fromkeys(filter(None, (_text(node, "responseId") for node in nodes))))


def messages_in(body: bytes, wanted: Iterable[str]) -> list[Message]:
    """Of the answer of `load-responses`, in the order in which they were asked for."""
    found = {
        _text(one, "responseId"): _message(one) for one in _objects(_object(body), "responses")
    }
    return [found[message_id] for message_id in wanted if message_id in found]


def latest_branch(messages: Iterable[Message]) -> list[Message]:
    """The messages that lead to the last one: of answers that were asked anew only the latest."""
    all_ = list(messages)
    by_id = {message.id: message for message in all_}
    at, found = all_[-1] if all_ else None, list[Message]()
    while at and at.id in by_id:
        found.append(by_id.pop(at.id))  # a circle ends
        at = by_id.get(at.parent)
    return found[::-1]


def record_of(message: Message) -> dict[str, Any]:
    """The message as JSON; empty fields are left out."""
    record: dict[str, Any] = {
        "id": message.id,
        "parentId": message.parent,
        "role": message.role,
        "createdAt": message.created,
        "model": message.model,
        "text": message.text,
        "images": list(message.images),
        "files": list(message.files),
        "sources": [{"url": url, "title": title} for url, title in message.sources],
    }
    return {name: value for name, value in record.items() if value or name == "text"}


def message_from(record: Fields) -> Message:
    """What `record_of` has written."""
    return Message(
        id=_text(record, "id"),
        parent=_text(record, "parentId"),
        role="user" if record.get("role") == "user" else "assistant",
        created=_text(record, "createdAt"),
        model=_text(record, "model"),
        text=_text(record, "text"),
        images=_texts(record, "images"),
        files=_texts(record, "files"),
        sources=_pages(record, "sources"),
    )


def _message(fields: Fields) -> Message:
    metadata = fields.get("requestMetadata")
    model = _text(fields, "model") or _text(metadata if isinstance(metadata, dict) else {}, "model")
    return Message(
        id=_text(fields, "responseId"),
        parent=_text(fields, "parentResponseId"),
        role="user" if _text(fields, "sender").lower() in ("human", "user") else "assistant",
        created=_text(fields, "createTime"),
        model=model,
        text=_text(fields, "message") or _chunks(fields),
        images=_texts(fields, "generatedImageUrls"),
        files=tuple(filter(None, map(_file_name, _objects(fields, "fileAttachmentsMetadata")))),
        sources=_pages(fields, "citedWebSearchResults"),
    )


def _file_name(file: Fields) -> str:
    return _text(file, "fileName") or _text(file, "name")


def _chunks(fields: Fields) -> str:
    """Newer messages may have their words here only."""
    parts = (*_objects(fields, "inputChunks"), *_objects(fields, "outputChunks"))
    texts = (part["text"] for part in parts if isinstance(part.get("text"), dict))
    return "".join(_text(text, "text") for text in texts)


def _pages(fields: Fields, name: str) -> tuple[tuple[str, str], ...]:
    pages = _objects(fields, name)
    found = ((_text(page, "url"), _text(page, "title")) for page in pages)
    return tuple((url, title) for url, title in found if url.startswith(("http://", "https://")))


def _object(body: bytes) -> Fields:
    try:
        value = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        raise UnreadableAnswerError("no JSON") from None
    if not isinstance(value, dict):
        raise UnreadableAnswerError("no object")
    return value


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    values = fields.get(name)
    return tuple(v for v in values if isinstance(v, str)) if isinstance(values, list) else ()


def _objects(fields: Fields, name: str) -> list[Fields]:
    values = fields.get(name)
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
