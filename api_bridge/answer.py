"""The pipe from a request to the deltas of its answer, put together as the request wants it: every
stage costs each stream some memory, and what it does not need is left out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from api_bridge.chat_request import ChatRequest
from api_bridge.deltas import Delta
from api_bridge.events import GrokEvent
from api_bridge.json_bytes import json_bytes
from api_bridge.json_stream import only_json
from api_bridge.limits import until_length, until_stop
from api_bridge.markup import without_markup
from api_bridge.rendering import Look, deltas
from api_bridge.second_try import insisting, insists
from api_bridge.tokens import PER_IMAGE, PER_MESSAGE, count_tokens
from api_bridge.tool_stream import with_calls
from api_bridge.transcript import flatten


def answer(
    ask: Callable[[str], Iterable[GrokEvent]],
    request: ChatRequest,
    look: Look,
    nonce: str,
    new_id: Callable[[], str],
) -> Iterator[Delta]:
    """What the caller is told; `ask` puts a prompt to Grok."""
    if request.tool_use.is_on or request.json_format:
        look = replace(look, footnotes=False)  # a program reads it

    def ask_once(prompt: str) -> Iterator[Delta]:
        parts = deltas(without_markup(ask(prompt)), look)
        use = request.tool_use
        return with_calls(parts, use, nonce, new_id) if use.is_on else parts

    prompt = flatten(request, nonce)
    parts = insisting(ask_once, prompt, request) if insists(request) else ask_once(prompt)
    if request.json_format:
        parts = only_json(parts)
    if request.stop:
        parts = until_stop(parts, request.stop)
    if request.max_tokens is not None:
        parts = until_length(parts, request.max_tokens)
    return parts


def prompt_tokens(request: ChatRequest) -> int:
    """An estimate of what was asked: the messages and the tools, not the words we add."""
    tools = (
        f"{tool.name} {tool.description} {json_bytes(tool.parameters).decode()}"
        for tool in request.tool_use.tools
    )
    texts = (message.text for message in request.messages)
    calls = (call.name + call.arguments for each in request.messages for call in each.calls)
    images = sum(len(message.attachments) for message in request.messages)
    flat = PER_MESSAGE * len(request.messages) + PER_IMAGE * images
    return flat + count_tokens(*tools, *texts, *calls)
