"""Steps of an answer as events of the chat WebSocket: the newer, snake_case vocabulary. Pure."""

from collections.abc import Iterator
from typing import Any

from standin.conversations import Conversation, Response
from standin.scenarios import Step
from standin.turn import Turn

Event = dict[str, Any]

ANSWER = "CHANNEL_ASSISTANT_RESPONSE"
HEADER = "CHANNEL_ASSISTANT_NOTETAKER_HEADER"
SUMMARY = "CHANNEL_ASSISTANT_NOTETAKER_SUMMARY"

ERRORS: dict[str, tuple[str, str]] = {
    "antibot": ("anti_bot", "Request rejected by anti-bot rules."),
    "expired": ("unauthenticated", "Session is not valid [WKE=unauthenticated:bad-credentials]"),
    "blocked": ("permission_denied", "User is blocked [WKE=unauthorized:blocked-user]"),
    "noaccess": ("permission_denied", "Upgrade your plan to use this mode."),
    "invalid": ("invalid_argument", "Unknown mode."),
    "5xx": ("internal", "Internal error"),
}
"""Refusals that a socket words as an error event; 429 has its own events."""


def error(code: str, message: str) -> Event:
    """An error event."""
    return {"type": "error", "error": {"code": code, "message": message}}


def stream_error(message: str, kind: str) -> Event:
    """An error inside an answer."""
    camel = kind.split("_")[0] + "".join(word.title() for word in kind.split("_")[1:])
    detail = {
        "message": message,
        "kind": kind,
        "severity": "STREAM_ERROR_SEVERITY_FATAL",
        camel: {},
        "details": {"reason": kind.upper()},
    }
    return {"type": "response.grok.output", "output": {"stream_error": detail}}


def done(response_id: str, status: str, reason: str = "") -> Event:
    """The authoritative end of an answer."""
    response: Event = {"id": response_id, "status": status, "usage": {}}
    if reason:
        response["status_details"] = {"reason": reason}
    return {"type": "response.done", "response": response}


def opening(turn: Turn) -> Iterator[Event]:
    """Events before the first step."""
    item = {"id": turn.response_id, "role": "assistant"}
    yield {
        "type": "response.created",
        "response": {
            "id": turn.response_id,
            "status": "in_progress",
            "output_modalities": ["text"],
        },
    }
    yield {"type": "response.output_item.added", "item": item}
    yield {"type": "response.content_part.added"}
    layout = {"reasoning_ui_layout": "FUNCTION_CALL", "effort": "LOW", "steer_model_id": "grok-4"}
    yield _chunk(ui_layout=layout)


def closing(turn: Turn, kept: Response) -> Iterator[Event]:
    """Terminal events in their order; follow-ups come after done."""
    if turn.status == "completed":
        yield {"type": "response.output_text.done", "text": turn.answer}
        yield {"type": "response.content_part.done"}
        item = {"id": turn.response_id, "role": "assistant"}
        yield {"type": "response.output_item.done", "item": item}
    yield done(turn.response_id, turn.status, turn.reason)
    if turn.status != "completed":
        return
    yield {"type": "response.persisted", "status": "ok", "response_id": kept.response_id}
    yield {"type": "conversation.title.updated", "title": turn.conversation.title}
    suggestion = {
        "label": "Tell me more",
        "properties": {"message_type": "QUESTION", "follow_up_type": "STANDARD"},
        "tool_overrides": {"image_gen": False},
    }
    yield _chunk(follow_up_suggestions={"suggestions": [suggestion]})


def history(conversation: Conversation) -> Iterator[Event]:
    """What was said before, as replayed on request; never to be taken for live output."""
    for response in list(conversation.responses.values()):
        mine = response.sender == "human"
        text = {"text": {"text": response.message}}
        chunks = {"input_chunks": [text]} if mine else {"output_chunks": [_text_of(response)]}
        item = {
            "id": response.response_id,
            "role": "user" if mine else "assistant",
            "status": "completed",
            "x_grok": chunks,
        }
        yield {"type": "conversation.history.item", "item": item}
    yield {"type": "conversation.history.done"}


def events_of(step: Step, *, use_chunk: bool) -> Iterator[Event]:
    """Events of one step, in the chunk form or the plain delta form."""
    text, values = step.text, step.values
    match step.kind:
        case "token":
            yield _text(text, ANSWER) if use_chunk else _delta("output_text", text)
        case "header" | "summary":
            channel = HEADER if step.kind == "header" else SUMMARY
            yield _text(text, channel) if use_chunk else _delta("reasoning_text", text)
        case "think_start" | "answer_start":
            phase = "THINKING" if step.kind == "think_start" else "RESPONSE"
            yield _chunk(phase_marker={"kind": f"KIND_{phase}_START"})
        case "error":
            yield stream_error(text, values["reason"])
        case "citation":
            yield _chunk(
                render_citation={
                    "id": values["id"],
                    "kind": "CITATION_KIND_WEB_PAGE",
                    "url": values["url"],
                    "citation_id": values["number"],
                }
            )
        case "unknown":
            yield {"type": "response.quantum.entangled", "note": text}
            yield _chunk(hologram={"note": text})
        case _:
            yield from _tool_events(step)


def _tool_events(step: Step) -> Iterator[Event]:
    text, values = step.text, step.values
    match step.kind:
        case "web_search" | "x_search":
            intent = {"intent": values["intent"]} if "intent" in values else {}
            yield _card(values["id"], **{step.kind: {"args": {"query": text}}}, **intent)
        case "code_call":
            yield _card(values["id"], code_execution={"args": {"code": text}})
        case "web_results":
            yield _result(values["id"], web_search={"webpages": values["pages"]})
        case "x_results":
            posts = [{**post, "userhandle": post["username"]} for post in values["posts"]]
            yield _result(values["id"], x_post={"posts": posts})
        case "code_result":
            result = {"stdout": text, "stderr": "", "exit_code": 0}
            yield _result(values["id"], code_execution=result)
        case "image":
            yield _image(step)
        case "video":
            yield _video(step)


def _chunk(**kinds: object) -> Event:
    return {"type": "response.chunk", "chunk": kinds}


def _text(text: str, channel: str) -> Event:
    return _chunk(text={"text": text, "channel": channel})


def _delta(kind: str, text: str) -> Event:
    return {"type": f"response.{kind}.delta", "delta": text}


def _card(card_id: str, **call: object) -> Event:
    metadata = {"rollout_id": "Grok", "step_id": 1}
    return _chunk(metadata=metadata, tool_usage_card={"tool_usage_card_id": card_id, **call})


def _result(call_id: str, **result: object) -> Event:
    return _chunk(tool_result={"tool_call_id": call_id, **result})


def _image(step: Step) -> Event:
    values = step.values
    image = {
        "imageUuid": values["id"],
        "imageUrl": values["key"],
        "seq": values["seq"],
        "progress": values["progress"],
        "moderated": False,
    }
    return _chunk(
        render_generated_image={
            "id": "g-1",
            "query": step.text,
            "tool_call_id": "t-3",
            "image_chunk": image,
        }
    )


def _video(step: Step) -> Event:
    """A guess: sources name the kind and not its fields."""
    values = step.values
    video = {
        "videoId": values["id"],
        "videoUrl": values["folder"] and f"{values['folder']}/generated_video.mp4",
        "progress": values["progress"],
        "moderated": False,
    }
    return _chunk(render_generated_video={"id": "g-1", "query": step.text, **video})


def _text_of(response: Response) -> Event:
    return {"text": {"text": response.message, "channel": ANSWER}}
