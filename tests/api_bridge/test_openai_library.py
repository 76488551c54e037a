"""OpenAI's own library against the app, without a socket: what it reads is what we meant.

Imported where it is used: it takes seconds, which only the process that needs it should pay.
"""

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import BaseModel

from api_bridge.app import create_app
from api_bridge.chat_api import Collaborators
from api_bridge.events import Failed, FailureKind, Finished, GrokEvent, Image, Text
from tests.api_bridge.fake_grok import KEY, FakeCallers, FakeGrok, FakeImages, FakeOffer, said
from tests.api_bridge.recordings import raw_events
from tests.api_bridge.test_app import TOOL, call_from

if TYPE_CHECKING:
    from openai import OpenAI

pytestmark = pytest.mark.slow
ASK = {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def grok() -> FakeGrok:
    return FakeGrok([said("Hel", "lo")])


@pytest.fixture
def openai(grok: FakeGrok) -> Iterator["OpenAI"]:
    from openai import OpenAI

    others = {"callers": FakeCallers(), "images": FakeImages(), "offer": FakeOffer()}
    app = create_app(Collaborators(grok=grok, **others))
    transport = httpx2.WSGITransport(app=app.wsgi_app)
    with httpx2.Client(transport=transport) as http:
        yield OpenAI(base_url="http://mirror.test/v1", api_key=KEY, http_client=http, max_retries=0)


def test_a_whole_answer(openai: "OpenAI") -> None:
    found = openai.chat.completions.create(**ASK, max_tokens=0, n=None)
    assert found.choices[0].message.content == "Hello"
    assert found.usage is not None
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens


def test_a_streamed_answer(openai: "OpenAI", grok: FakeGrok) -> None:
    grok.turns = [raw_events("plain.ndjson")]
    chunks = list(openai.chat.completions.create(**ASK, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "It is 42."
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_the_stream_helper_puts_calls_together(openai: "OpenAI", grok: FakeGrok) -> None:
    grok.turns = [call_from]
    with openai.chat.completions.stream(**ASK, tools=[TOOL]) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.arguments == '{"at": "sea"}'


class Harbour(BaseModel):
    name: str
    depth: int | None


HARBOUR = '{"name": "Hanko", "depth": 7}'


def test_the_raw_response_has_headers_and_an_answer(openai: "OpenAI") -> None:
    raw = openai.chat.completions.with_raw_response.create(**ASK, extra_body={"hatd": False})
    assert raw.headers["x-request-id"]
    assert raw.headers["x-conversation-id"] == "c-1"
    assert raw.parse().choices[0].message.content == "Hello"


def test_the_streaming_response_is_read_line_by_line(openai: "OpenAI") -> None:
    with openai.chat.completions.with_streaming_response.create(**ASK, stream=True) as response:
        lines = list(response.iter_lines())
    assert response.headers["content-type"].startswith("text/event-stream")
    assert (lines[0], lines[-2]) == (": ok", "data: [DONE]")


def test_parse_makes_objects_of_answers_and_of_calls(openai: "OpenAI", grok: FakeGrok) -> None:
    from openai import pydantic_function_tool

    grok.turns = [said("Sure: ", HARBOUR)]
    found = openai.chat.completions.parse(**ASK, response_format=Harbour)
    assert found.choices[0].message.parsed == Harbour(name="Hanko", depth=7)

    def call(prompt: str) -> list[GrokEvent]:
        tag = re.search(r"<call-\w+>", prompt)
        assert tag
        body = f'{{"name": "Harbour", "arguments": {HARBOUR}}}'
        return said(tag[0], body, tag[0].replace("<", "</"))

    grok.turns = [call]
    tools = [pydantic_function_tool(Harbour)]
    message = openai.chat.completions.parse(**ASK, tools=tools).choices[0].message
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.parsed_arguments == Harbour(name="Hanko", depth=7)


def test_the_stream_helper_parses_and_counts(openai: "OpenAI", grok: FakeGrok) -> None:
    grok.turns = [said(*HARBOUR)]
    more = {"response_format": Harbour, "stream_options": {"include_usage": True}}
    with openai.chat.completions.stream(**ASK, **more) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert kinds == {"chunk", "content.delta", "content.done"}
    assert final.choices[0].message.parsed == Harbour(name="Hanko", depth=7)
    assert final.usage is not None
    assert final.usage.completion_tokens > 0


def test_an_answer_that_is_cut_off_is_no_object(openai: "OpenAI", grok: FakeGrok) -> None:
    from openai import LengthFinishReasonError

    grok.turns = [said(HARBOUR)]
    with pytest.raises(LengthFinishReasonError):
        openai.chat.completions.parse(**ASK, response_format=Harbour, max_tokens=2)


def test_sources_are_annotations(openai: "OpenAI", grok: FakeGrok) -> None:
    grok.turns = [raw_events("search_with_citations.mgw")]
    message = openai.chat.completions.create(**ASK).choices[0].message
    assert message.annotations is not None
    assert message.annotations[0].url_citation.url == "https://tides.example/hanko"


def test_a_failure_has_its_status_and_code(openai: "OpenAI", grok: FakeGrok) -> None:
    from openai import APIStatusError

    grok.turns = [[Failed(FailureKind.EXHAUSTED)]]
    with pytest.raises(APIStatusError) as caught:
        openai.chat.completions.create(**ASK)
    assert (caught.value.status_code, caught.value.code) == (429, "insufficient_quota")


def test_a_failure_in_the_middle_is_raised(openai: "OpenAI", grok: FakeGrok) -> None:
    from openai import APIError

    events: list[GrokEvent] = [Text("Half "), Failed(FailureKind.CUT)]
    grok.turns = [events]
    stream = openai.chat.completions.create(**ASK, stream=True)
    with pytest.raises(APIError, match="broke off") as caught:
        list(stream)
    assert caught.value.code == "upstream_cut"


def test_models_are_listed(openai: "OpenAI") -> None:
    assert "grok-3-think" in [model.id for model in openai.models.list()]
    assert openai.models.retrieve("xai/grok-4:latest").id == "xai/grok-4:latest"


def test_images_are_drawn_and_edited(openai: "OpenAI", grok: FakeGrok) -> None:
    drawn = [Image("one", "users/u/one.png"), Finished("r-1")]
    grok.turns = [drawn]
    found = openai.images.generate(prompt="a harbour", model="gpt-image-1", size="1024x1024")
    assert found.data is not None
    assert base64.b64decode(found.data[0].b64_json or "") == b"one"
    file = ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")
    again = openai.images.edit(prompt="brighter", image=[file, file], response_format="url")
    assert again.data is not None
    assert (again.data[0].url or "").endswith("/one")


LOOK: Any = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}


def test_a_response(openai: "OpenAI", grok: FakeGrok) -> None:
    found = openai.responses.create(model="grok-4", input="Hi")
    assert (found.output_text, found.status) == ("Hello", "completed")
    assert found.usage is not None
    again = openai.responses.create(model="grok-4", input="!", previous_response_id=found.id)
    assert again.previous_response_id == found.id
    assert "Hello" in grok.prompts[-1]


def test_a_streamed_response_is_put_together(openai: "OpenAI", grok: FakeGrok) -> None:
    with openai.responses.stream(model="grok-4", input="Hi") as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert "".join(deltas) == final.output_text == "Hello"
    grok.turns = [call_from]
    with openai.responses.stream(model="grok-4", input="Hi", tools=[LOOK]) as stream:
        call = stream.get_final_response().output[-1]
    assert call.type == "function_call"
    assert (call.name, call.arguments) == ("look", '{"at": "sea"}')


def test_a_response_is_parsed(openai: "OpenAI", grok: FakeGrok) -> None:
    grok.turns = [said("Sure: ", HARBOUR)]
    found = openai.responses.parse(model="grok-4", input="Hi", text_format=Harbour)
    assert found.output_parsed == Harbour(name="Hanko", depth=7)


def test_a_response_that_breaks_off_is_an_error(openai: "OpenAI", grok: FakeGrok) -> None:
    grok.turns = [[Text("Hel"), Failed(FailureKind.CUT)]]
    found = openai.responses.create(model="grok-4", input="Hi", stream=True)
    kinds = [event.type for event in found]
    assert kinds[-2:] == ["response.failed", "error"]
