"""A conversation as a file: its name, and its text as Markdown or JSON in pieces.

Whatever people and Grok have written stays text: no HTML of theirs runs where the Markdown is
shown, and no name leaves the folder it is unpacked in.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from core.conversation import Head, Message, record_of

type Format = Literal["md", "json"]
FORMATS: tuple[Format, ...] = ("md", "json")
TYPES: dict[Format, str] = {"md": "text/markdown", "json": "application/json"}

_LONGEST_NAME = 150
"""Bytes: with the rest a name has less than the 255 that file systems take."""
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*`$%#&\'{}]+')
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MARKUP = (("<grok:render", "</grok:render>"), ("<xai:tool_usage_card", "</xai:tool_usage_card>"))
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_FENCE = re.compile(r"(`{3,})[^`]*\Z|(~{3,}).*\Z")


def file_name(head: Head, format_: Format) -> str:
    """Safe on every system: a date, the title, and the id, which makes it the only one."""
    title = unicodedata.normalize("NFC", head.title)
    shown = "".join(
        c if c.isprintable() and unicodedata.category(c) != "Cf" else " " for c in title
    )
    words = " ".join(_NOT_IN_NAMES.sub(" ", shown).split()).encode("utf-8", "replace")
    name = words[:_LONGEST_NAME].decode("utf-8", "ignore").strip(" .-")
    date = _DATE.match(head.created)
    mark = re.sub(r"[^A-Za-z0-9-]", "", head.id)[:36] or "x"
    return f"{' '.join(filter(None, [date[0] if date else '0000-00-00', name]))} {mark}.{format_}"


def pieces(format_: Format, head: Head, account: str, messages: Iterable[Message]) -> Iterator[str]:
    """The file, a message at a time."""
    write = _markdown if format_ == "md" else _json
    yield from write(head, account, messages)


def readable(text: str) -> str:
    """Without the marks that only Grok's page understands; nothing after one without an end."""
    for begins, ends in _MARKUP:
        kept, at = [], 0
        while (start := text.find(begins, at)) >= 0 and (end := text.find(ends, start)) >= 0:
            kept.append(text[at:start])
            at = end + len(ends)
        text = "".join([*kept, text[at:]])
    return text


def harmless(text: str) -> str:
    """Markdown in which no tag is HTML; code in fences at the margin stays as it is.

    Only there: a fence in a list or a quotation ends with that, and where it ends readers differ.
    """
    lines, fence = [], ""
    for line in re.split(r"\r\n|\r|\n", text):
        if fence:
            lines.append(line)
            fence = "" if _closes(line, fence) else fence
            continue
        opened = _FENCE.match(line)
        fence = (opened[1] or opened[2]) if opened else ""
        lines.append(_TAG.sub("&lt;", line))
    return "\n".join([*lines, fence] if fence else lines)


def _closes(line: str, fence: str) -> bool:
    bare = line.rstrip(" \t")
    return len(bare) >= len(fence) and not bare.strip(fence[0]) and bool(bare)


def _markdown(head: Head, account: str, messages: Iterable[Message]) -> Iterator[str]:
    yield f"# {_line(head.title) or head.id}\n\n"
    facts = (("Conversation", head.id), ("Account", account), ("Created", head.created))
    for name, value in (*facts, ("Changed", head.modified)):
        if value:
            yield f"- {name}: {_line(value)}\n"
    before = ""
    for message in messages:
        yield f"\n## {_heading(message)}\n\n"
        if before and message.parent and message.parent != before:
            yield "*Another branch of the conversation.*\n\n"
        yield f"{harmless(readable(message.text)).strip()}\n"
        yield from _extras(message)
        before = message.id


def _heading(message: Message) -> str:
    who = "User" if message.role == "user" else "Grok"
    return " · ".join(filter(None, [who, _line(message.model), _line(message.created)]))


def _extras(message: Message) -> Iterator[str]:
    lists = [
        *(f"Image: {_line(path)}" for path in message.images),
        *(f"File: {_line(name)}" for name in message.files),
        *(f"Source: {_line(title)} {_line(url)}" for url, title in message.sources),
    ]
    if lists:
        yield "\n" + "".join(f"- {line}\n" for line in lists)


def _line(text: str) -> str:
    return _TAG.sub("&lt;", " ".join(text.split()))


def _json(head: Head, account: str, messages: Iterable[Message]) -> Iterator[str]:
    opening: dict[str, Any] = {
        "format": "grok-mirror-conversation",
        "version": 1,
        "id": head.id,
        "title": head.title,
        "createdAt": head.created,
        "modifiedAt": head.modified,
        "account": account,
    }
    yield f'{json.dumps(opening, ensure_ascii=False)[:-1]}, "messages": ['
    comma = "\n"
    for message in messages:
        yield comma + json.dumps(record_of(message), ensure_ascii=False)
        comma = ",\n"
    yield "\n]}\n"
