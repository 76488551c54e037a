"""Anthropic's own library against the app, without a socket: what it reads is what we meant.

Imported where it is used: it takes seconds, which only the process that needs it should pay.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api_bridge.app import create_app
from api_bridge.chat_api import Collaborators
from api_bridge.events import Failed, FailureKind, Text
from tests.api_bridge.fake_grok import KEY, FakeCallers, FakeGrok, FakeImages, FakeOffer, said
from tests.api_bridge.test_app import call_from

if TYPE_CHECKING:
    from anthropic import Anthropic

pytestmark = pytest.mark.slow


@pytest.fixture
def grok() -> FakeGrok:
    return FakeGrok([said("Hel", "lo")])


TELL: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hi"}],
}


@pytest.fixture
def anthropic(grok: FakeGrok) -> Iterator["Anthropic"]:
    from anthropic import Anthropic

    others = {"callers": FakeCallers(), "images": FakeImages(), "offer": FakeOffer()}
    app = create_app(Collaborators(grok=grok, **others))
    with httpx2.Client(transport=httpx2.WSGITransport(app=app.wsgi_app)) as http:
        yield Anthropic(base_url="http://mirror.test", api_key=KEY, http_client=http, max_retries=0)


def test_an_answer(anthropic: "Anthropic") -> None:
    found = anthropic.messages.create(**TELL, system="Be brief.")
    assert [block.text for block in found.content if block.type == "text"] == ["Hello"]
    assert found.stop_reason == "end_turn"
    counted = anthropic.messages.count_tokens(model=TELL["model"], messages=TELL["messages"])
    assert 0 < counted.input_tokens < found.usage.input_tokens


def test_a_stream_is_put_together(anthropic: "Anthropic", grok: FakeGrok) -> None:
    with anthropic.messages.stream(**TELL) as stream:
        assert "".join(stream.text_stream) == "Hello"
        assert stream.get_final_message().usage.output_tokens > 0
    grok.turns = [call_from]
    tool: Any = {"name": "look", "input_schema": {"type": "object"}}
    with anthropic.messages.stream(**TELL, tools=[tool]) as stream:
        call = stream.get_final_message().content[-1]
    assert call.type == "tool_use"
    assert (call.name, call.input) == ("look", {"at": "sea"})


def test_our_errors_are_read(anthropic: "Anthropic", grok: FakeGrok) -> None:
    from anthropic import AnthropicError, NotFoundError

    with pytest.raises(NotFoundError, match="does not exist"):
        anthropic.messages.create(**{**TELL, "model": "llama"})
    grok.turns = [[Text("Hel"), Failed(FailureKind.CUT)]]
    with anthropic.messages.stream(**TELL) as stream, pytest.raises(AnthropicError, match="broke"):
        stream.get_final_message()


def test_models_are_listed(anthropic: "Anthropic") -> None:
    assert "grok-latest" in [model.id for model in anthropic.models.list()]
