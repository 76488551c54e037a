"""Reading what a page sends on the chat socket: objects, questions, wishes of a session. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from standin.mgw_frames import Event
from standin.personal import Personal
from standin.turn import Question


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """All JSON objects of a message, glued together or not; ValueError on nonsense."""
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        value, position = decoder.raw_decode(text, position)
        if isinstance(value, dict):
            yield value


def question_of(event: Event, mode: str, personal: Personal) -> Question:
    """The question of a `conversation.item.create`."""
    item = event.get("item") or {}
    return Question(
        message=_text_of(item),
        mode=mode,
        parent_id=str(event.get("parent_response_id") or ""),
        file_ids=tuple(_files_of(event, item)),
        personal=personal,
    )


def _text_of(item: dict[str, Any]) -> str:
    """The typed text; clients also send Realtime-style `content` parts."""
    extras = item.get("x_grok") or {}
    chunks = extras.get("input_chunks") or []
    texts = [str((chunk.get("text") or {}).get("text", "")) for chunk in chunks]
    texts += [str(part.get("text", "")) for part in item.get("content") or []]
    return "".join(texts)


def _files_of(event: Event, item: dict[str, Any]) -> list[str]:
    ids = [*(event.get("file_attachment_ids") or []), *(item.get("file_attachment_ids") or [])]
    for chunk in (item.get("x_grok") or {}).get("input_chunks") or []:
        mention = chunk.get("mention") or {}
        mention = mention.get("target") or mention
        file_id = (mention.get("file_mention") or {}).get("file_id")
        ids += [file_id] if file_id else []
    return list(dict.fromkeys(ids))
