"""What one NDJSON object says, in either envelope: `result.response.*` or `result.*`.

Knows field names of the older, camelCase vocabulary; nothing of bytes and lines.
"""

from collections.abc import Callable, Iterator, Mapping

from api_bridge import failures, grok_fields
from api_bridge.events import Failed, GrokEvent, Image, Thinking, Unknown
from api_bridge.grok_fields import Fields, fields_of, list_of, text_of
from api_bridge.turn_state import TurnState

_DROPPED_TAGS = {"heartbeat", "tool_usage_card", "raw_function_result"}
_THINKING_TAGS = {"header", "summary", "analysis"}
_SILENT = {
    "token", "isThinking", "isSoftStop", "messageTag", "messageStepId", "rolloutId", "responseId",
    "sideBySideIndex", "conversation", "title", "userResponse", "uiLayout", "llmInfo",
    "toolUsageCard", "toolUsageCardId", "finalMetadata", "codeExecutionResult", "ragResults",
    "connectorSearchResults", "collectionSearchResults", "imageAttachmentInfo", "progressReport",
    "queryAction", "bannerMessage", "disclaimer", "keepAlive", "throttle", "survey",
    "effortDecision", "memoryReferences", "authNotification", "generatedTitle",
    "deepSearchStatus", "grokInXaiRequest", "response",
}  # fmt: skip
"""Fields that need no event of their own."""


def events_of(line: Fields, state: TurnState) -> Iterator[GrokEvent]:
    """The events of one object; none after the turn's end."""
    if state.has_ended:
        return
    if "result" not in line:
        yield from _outside(line, state)
        return
    result = fields_of(line, "result")
    conversation = text_of(fields_of(result, "conversation"), "conversationId")
    fields = fields_of(result, "response") or result
    yield from state.started(conversation, text_of(fields, "responseId"))
    yield from _fields(fields, state)


def page_failure(text: str) -> Failed | None:
    """A web page in place of JSON: a challenge, most likely."""
    kind = failures.kind_of_text(text)
    return Failed(kind, "Grok answered with a web page.") if kind else None


def _outside(line: Fields, state: TurnState) -> Iterator[GrokEvent]:
    """An error body with status 200: `{"error": {…}}`, or flat."""
    error = fields_of(line, "error") or line
    if "code" in error or "message" in error:
        yield from state.fail(failures.coded_error(error))
    else:
        yield Unknown(",".join(sorted(line))[:80])


def _fields(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from _token(fields, state)
    for name in fields:
        if name in _READERS:
            yield from _READERS[name](fields, state)
        elif name not in _SILENT:
            yield Unknown(name[:80])
        if state.has_ended:
            return


def _token(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    state.is_complete = state.is_complete or fields.get("isSoftStop") is True
    token, tag = fields.get("token"), fields.get("messageTag")
    if not isinstance(token, str) or not token or tag in _DROPPED_TAGS:
        return
    if fields.get("sideBySideIndex"):  # the second of two answers to choose from
        return
    if fields.get("isThinking") is True or tag in _THINKING_TAGS:
        step = fields.get("messageStepId")
        thought = Thinking(token, tag == "header", step if isinstance(step, int) else None)
        yield from state.thinking(thought)
    else:
        yield from state.text(token)


def _error(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    error = fields_of(fields, "error")
    if error:
        failed = failures.stream_error(error)
        yield from state.fail(failed) if failures.is_fatal(error) else state.note(failed)


def _model_response(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    response = fields_of(fields, "modelResponse")
    for error in list_of(response, "streamErrors"):
        state.note(failures.stream_error(error))
    for json_text in grok_fields.texts_of(response, "cardAttachmentsJson"):
        yield from state.card(json_text)
    yield from state.whole_text(text_of(response, "message"))
    for url in grok_fields.texts_of(response, "generatedImageUrls"):
        yield from state.image(Image(url, url))
    yield from state.started("", text_of(response, "responseId"))
    yield from state.finish()


def _results(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    for name in ("webSearchResults", "citedWebSearchResults"):
        yield from grok_fields.pages_of(list_of(fields_of(fields, name), "results"))


def _posts(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from grok_fields.posts_of(list_of(fields_of(fields, "xSearchResults"), "results"))


def _card_attachment(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    yield from state.card(text_of(fields_of(fields, "cardAttachment"), "jsonData"))


def _image(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    for name in _IMAGES:
        if found := fields_of(fields, name):
            yield from state.image(grok_fields.image_of(found))


def _video(fields: Fields, state: TurnState) -> Iterator[GrokEvent]:
    if found := fields_of(fields, "streamingVideoGenerationResponse"):
        yield from state.image(grok_fields.video_of(found))


_IMAGES = (
    "streamingImageGenerationResponse",
    "imageGenerationResponse",
    "cachedImageGenerationResponse",
)
_READERS: Mapping[str, Callable[[Fields, TurnState], Iterator[GrokEvent]]] = {
    "error": _error,
    "webSearchResults": _results,
    "citedWebSearchResults": _results,
    "xSearchResults": _posts,
    "cardAttachment": _card_attachment,
    **dict.fromkeys(_IMAGES, _image),
    "streamingVideoGenerationResponse": _video,
    "modelResponse": _model_response,
}
