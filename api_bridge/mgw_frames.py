"""The frames a client sends on Grok's chat WebSocket, as JSON text. Ids come from outside."""

import json
from typing import Any

from api_bridge.question import Question

type Frame = dict[str, Any]

_IMAGES_PER_TURN = 2


def session_create(question: Question, event_id: str) -> str:
    """The first frame: opens a new conversation, or takes up one."""
    options = _options(question)
    frame: Frame = {}
    if question.conversation_id:
        frame["session_id"] = question.conversation_id
        options |= {
            "conversation_id": question.conversation_id,
            "load_existing": True,
            "needs_history": False,
        }
    session = {"model": question.mode, "x_grok": options}
    return _text(frame, "session.create", event_id, session=session)


def item_create(question: Question, session_id: str, event_id: str, message_id: str) -> str:
    """The user's message, with the files it speaks of."""
    files = list(question.file_ids)
    chunks: list[Frame] = [
        {"mention": {"target": {"file_mention": {"file_id": file_id}}}} for file_id in files
    ]
    chunks.append({"text": {"text": question.message}})
    extras = {"client_message_id": message_id, "input_chunks": chunks}
    item: Frame = {"type": "message", "role": "user", "x_grok": extras}
    fields: Frame = {}
    if question.parent_response_id:
        fields["parent_response_id"] = question.parent_response_id
    if files:
        fields["file_attachment_ids"] = item["file_attachment_ids"] = files
    return _text(
        {"session_id": session_id}, "conversation.item.create", event_id, **fields, item=item
    )


def response_create(session_id: str, event_id: str) -> str:
    """Asks for the answer."""
    return _text({"session_id": session_id}, "response.create", event_id)


def ping(event_id: str) -> str:
    """Keeps the socket open through long thoughts."""
    return _text({}, "ping", event_id)


def _options(question: Question) -> Frame:
    options: Frame = {
        "protocol_capabilities": ["conversation_attached", "custom_methods_v1"],
        "use_chunk": True,
        "is_temporary": question.temporary,
        "disable_memory": True,
        "keep_context": False,
        "enable_image_generation": question.image_generation,
        "image_generation_count": _IMAGES_PER_TURN,
        "enable_side_by_side": False,
        "force_side_by_side": False,
        "disable_text_follow_ups": True,
        "disable_artifact": True,
        "force_concise": False,
        "connector_ids": [],
        "workspace_ids": [],
    }
    if not question.web_search:
        options |= {"disable_web_search": True, "disable_x_search": True}
    return options


def _text(frame: Frame, kind: str, event_id: str, **fields: object) -> str:
    event = {"type": kind, "event_id": event_id, **fields}
    return json.dumps({**frame, "event": event}, ensure_ascii=False, separators=(",", ":"))
