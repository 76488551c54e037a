"""Which stages an answer passes: those that its request needs, and no other."""

import json
from typing import Any

from api_bridge.answer import answer
from api_bridge.chat_request import ChatRequest
from api_bridge.deltas import Content, Delta, Finish
from api_bridge.events import Finished, GrokEvent, Text
from api_bridge.rendering import Look

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CALL = '<call-n0nce>{"name": "look", "arguments": {}}</call-n0nce>'
LOOK = Look(lambda image: image.url)


def told(*texts: str, **more: Any) -> list[Delta]:
    """What a caller is told when Grok says this."""
    body = {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}], **more}
    said: list[GrokEvent] = [*map(Text, texts), Finished("r-1")]
    asked = ChatRequest.parse(body)
    return list(answer(lambda _: iter(said), asked, LOOK, "n0nce", lambda: "call_1"))


def test_without_a_wish_each_piece_passes_as_it_came() -> None:
    texts = ['Sure: {"a":', " 1} STOP ", CALL, " and so on" * 100]
    assert told(*texts) == [*map(Content, texts), Finish("stop")]
    assert told(*texts, tools=[TOOL], tool_choice="none") == [*map(Content, texts), Finish("stop")]


def test_what_is_wished_is_done() -> None:
    assert told("a STOP b", stop="STOP") == [Content("a "), Finish("stop", "STOP")]
    assert told("one two three four", max_tokens=1)[-1] == Finish("length")
    assert told(CALL, tools=[TOOL])[-1] == Finish("tool_calls")
    found = told("Sure: {", '"a":1}', response_format={"type": "json_object"})
    pieces = [delta.text for delta in found if isinstance(delta, Content)]
    assert json.loads("".join(pieces)) == {"a": 1}
