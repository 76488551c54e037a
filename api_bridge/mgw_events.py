"""What one event of the chat WebSocket says. Knows the newer, snake_case vocabulary only."""

from collections.abc import Callable, Iterator, Mapping

from api_bridge import failures, grok_fields
from api_bridge.events import Citation, Failed, FailureKind, GrokEvent, Thinking, Unknown
from api_bridge.grok_fields import Fields, fields_of, list_of, text_of
from api_bridge.turn_state import TurnState

_ANSWER = "CHANNEL_ASSISTANT_RESPONSE"
_THINKING = ("NOTETAKER", "THINKING", "ANALYSIS", "REASONING")
_SILENT = {
    "pong", "conversation.queue.updated", "conversation.item.added", "response.output_item.added",
    "response.content_part.added", "response.content_part.done", "response.output_item.done",
    "response.persisted", "conversation.title.updated", "conversation.history.item",
    "conversation.history.done", "response.reasoning_text.done",
}  # fmt: skip
_SILENT_CHUNKS = {
    "metadata", "phase_marker", "ui_layout", "tool_usage_card", "follow_up_suggestions",
    "progress_report", "tool_partial_result", "client_tool_call", "user_input_request",
    "render_start", "render_searched_image", "render_file_preview",
}  # fmt: skip
_ENDED_EARLY = Failed(FailureKind.CUT, "Grok ended the session before its answer was done.")


def events_of(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    """The events of one server event, the opening of the session left aside."""
    kind = text_of(event, "type")
    if kind in _READERS:
        yield from _READERS[kind](event, state)
    elif kind not in _SILENT:
        yield Unknown(kind[:80])


def _created(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from state.started("", text_of(fields_of(event, "response"), "id"))


def _answer_delta(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from state.text(text_of(event, "delta"))


def _thinking_delta(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    if text := text_of(event, "delta"):
        yield from state.thinking(Thinking(text))


def _answer_done(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from state.whole_text(text_of(event, "text"))


def _search_result(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from grok_fields.pages_of(iter([fields_of(event, "search_result", "result")]))


def _done(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    response = fields_of(event, "response")
    yield from state.started("", text_of(response, "id"))
    reason = text_of(fields_of(response, "status_details"), "reason")
    match text_of(response, "status"):
        case "failed":
            kind = failures.kind_of_reason(reason) or FailureKind.INTERNAL
            yield from state.fail_with_trouble(Failed(kind, f"Grok's answer failed: {reason}"))
        case "cancelled":
            yield from state.fail(Failed(FailureKind.CANCELLED, "Grok's answer was cancelled."))
        case "incomplete":
            yield from state.finish(reason or "incomplete")
        case _:
            yield from state.finish()


def _error(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from state.fail(failures.coded_error(fields_of(event, "error") or event))


def _ended(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from state.fail_with_trouble(_ENDED_EARLY)


def _output(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    """`response.grok.output`: an error or a card, outside of the chunks."""
    output = fields_of(event, "output")
    if error := fields_of(output, "stream_error"):
        failed = failures.stream_error(error)
        yield from state.fail(failed) if failures.is_fatal(error) else state.note(failed)
    elif card := fields_of(output, "card_attachment"):
        yield from state.card(text_of(card, "json_data", "jsonData"))
    elif result := fields_of(output, "tool_result"):
        yield from _found(result)


def _chunk(event: Fields, state: TurnState) -> Iterator[GrokEvent]:
    chunk = fields_of(event, "chunk")
    for kind in chunk:
        if kind in _CHUNKS:
            yield from _CHUNKS[kind](fields_of(chunk, kind), state)
        elif kind not in _SILENT_CHUNKS:
            yield Unknown(f"chunk.{kind}"[:80])


def _text(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    text, channel = fields.get("text"), text_of(fields, "channel")
    if not isinstance(text, str) or not text:
        return
    if channel in ("", _ANSWER):
        yield from state.text(text)
    elif any(word in channel for word in _THINKING):
        yield from state.thinking(Thinking(text, channel.endswith("_HEADER")))


def _tool_result(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from _found(fields)


def _found(result: Fields) -> Iterator[GrokEvent]:
    yield from grok_fields.pages_of(list_of(fields_of(result, "web_search"), "webpages"))
    yield from grok_fields.posts_of(list_of(fields_of(result, "x_post"), "posts"))


def _citation(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    number, card_id = text_of(fields, "citation_id"), text_of(fields, "id")
    yield Citation(text_of(fields, "url"), number, card_id)


def _image(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    if image := fields_of(fields, "image_chunk"):
        yield from state.image(grok_fields.image_of(image))


def _video(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    """No source names its fields: they are taken for an image's."""
    yield from state.image(grok_fields.video_of(fields_of(fields, "video_chunk") or fields))


type _Reader = Callable[[Fields, TurnState], Iterator[GrokEvent]]

_READERS: Mapping[str, _Reader] = {
    "response.created": _created,
    "response.chunk": _chunk,
    "response.output_text.delta": _answer_delta,
    "response.reasoning_text.delta": _thinking_delta,
    "response.output_text.done": _answer_done,
    "response.search.result": _search_result,
    "response.grok.output": _output,
    "response.done": _done,
    "error": _error,
    "session.ended": _ended,
}
_CHUNKS: Mapping[str, _Reader] = {
    "text": _text,
    "tool_result": _tool_result,
    "render_citation": _citation,
    "render_generated_image": _image,
    "render_edited_image": _image,
    "render_generated_video": _video,
}
