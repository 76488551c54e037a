"""Going on from an answer by its id: whose it is, what is kept, and for how long."""

from typing import Any

import pytest

from api_bridge.answer_head import Head
from api_bridge.chat_request import ChatRequest
from api_bridge.deltas import Call, Content, Delta, Finish
from api_bridge.errors import BadRequestError
from api_bridge.messages import ToolCall
from api_bridge.ports import Caller
from api_bridge.remembered import Remembered
from api_bridge.response_events import events
from api_bridge.response_items import response_messages

ALICE, BOB = Caller("key", "1"), Caller("key", "2")


def asked(text: str = "Hi", **more: Any) -> ChatRequest:
    body = {"model": "grok-4", "input": text, **more}
    return ChatRequest.parse(body, read_messages=response_messages)


def answered(
    kept: Remembered,
    name: str,
    request: ChatRequest,
    caller: Caller = ALICE,
    deltas: tuple[Delta, ...] = (Content("Hello"), Finish("stop")),
) -> None:
    head = Head(id=name, created=7, model="grok-4", asked=request.fields)
    list(kept.noted(events(deltas, head), request, caller))


def said(request: ChatRequest) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in request.messages]


def test_a_request_goes_on_from_an_answer() -> None:
    kept = Remembered()
    first = asked("Hi", instructions="Be brief.")
    answered(kept, "resp_1", first)
    again = kept.continued(asked("And now?", previous_response_id="resp_1"), ALICE)
    assert said(again) == [("user", "Hi"), ("assistant", "Hello"), ("user", "And now?")]
    assert again.sticky == first.sticky
    answered(kept, "resp_2", again)
    third = kept.continued(asked("!", previous_response_id="resp_2"), ALICE)
    assert [role for role, _ in said(third)] == ["user", "assistant", "user", "assistant", "user"]


def test_calls_are_part_of_what_is_remembered() -> None:
    kept = Remembered()
    calls = [ToolCall("call_1", "look", "{}"), ToolCall.with_text("call_2", "patch", "+ a")]
    answered(kept, "resp_1", asked(), ALICE, (*map(Call, calls), Finish("tool_calls")))
    again = kept.continued(asked(previous_response_id="resp_1"), ALICE)
    assert again.messages[1].calls == tuple(calls)


@pytest.mark.parametrize(
    "caller", [BOB, Caller("env"), Caller("sso", sso_token="a"), Caller("user", "1")], ids=str
)
def test_nobody_goes_on_from_what_another_was_answered(caller: Caller) -> None:
    kept = Remembered()
    answered(kept, "resp_1", asked())
    with pytest.raises(BadRequestError) as caught:
        kept.continued(asked(previous_response_id="resp_1"), caller)
    assert caught.value.code == "previous_response_not_found"


def test_own_tokens_are_told_apart() -> None:
    kept = Remembered()
    mine, other = (Caller("sso", sso_token=token) for token in ("a", "b"))
    answered(kept, "resp_1", asked(), mine)
    assert kept.continued(asked(previous_response_id="resp_1"), mine)
    with pytest.raises(BadRequestError):
        kept.continued(asked(previous_response_id="resp_1"), other)


def test_what_is_not_to_be_stored_is_not_kept() -> None:
    kept = Remembered()
    answered(kept, "resp_1", asked(store=False))
    with pytest.raises(BadRequestError):
        kept.continued(asked(previous_response_id="resp_1"), ALICE)


def test_an_answer_that_broke_off_is_not_kept() -> None:
    kept = Remembered()
    answered(kept, "resp_1", asked(), ALICE, (Content("Hel"),))
    with pytest.raises(BadRequestError):
        kept.continued(asked(previous_response_id="resp_1"), ALICE)


def test_the_oldest_make_room() -> None:
    kept = Remembered(most_characters=100)
    for number in range(5):
        answered(kept, f"resp_{number}", asked("x" * 35))
    for number in (0, 1, 2):
        with pytest.raises(BadRequestError):
            kept.continued(asked(previous_response_id=f"resp_{number}"), ALICE)
    assert kept.continued(asked(previous_response_id="resp_4"), ALICE)
    answered(kept, "resp_5", asked("x" * 200))
    assert kept.continued(asked(previous_response_id="resp_4"), ALICE), "too long to be kept itself"


def test_without_an_id_nothing_is_looked_up() -> None:
    request = asked()
    assert Remembered().continued(request, ALICE) is request
