"""Going on from an answer by its id: whose it is, what is kept, and for how long."""

from typing import Any

import pytest

from api_bridge.answer_head import Head
from api_bridge.chat_request import ChatRequest
from api_bridge.deltas import Call, Content, Delta, Finish
from api_bridge.errors import BadRequestError
from api_bridge.messages import Message, ToolCall
from api_bridge.ports import Caller
from api_bridge.remembered import Remembered
from api_bridge.response_events import events
from api_bridge.response_items import response_messages

ALICE, BOB = Caller("key", "1"), Caller("key", "2")
HELLO: tuple[Delta, ...] = (Content("Hello"), Finish("stop"))


def body_of(given: object = "Hi", **more: Any) -> dict[str, Any]:
    return {"model": "grok-4", "input": given, **more}


def answered(
    kept: Remembered,
    name: str,
    body: object,
    caller: Caller = ALICE,
    deltas: tuple[Delta, ...] = HELLO,
) -> list[str]:
    """The ids of the answer's items."""
    asked = kept.completed(body, caller)
    assert isinstance(asked, dict)
    head = Head(id=name, created=7, model="grok-4", repeated=asked)
    *_, last = kept.noted(events(deltas, head), asked, caller)
    return [item["id"] for item in last.get("response", {}).get("output", [])]


def messages(kept: Remembered, body: object, caller: Caller = ALICE) -> tuple[Message, ...]:
    completed = kept.completed(body, caller)
    return ChatRequest.parse(completed, read_messages=response_messages).messages


def said(kept: Remembered, body: object) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in messages(kept, body)]


def test_a_request_goes_on_from_an_answer() -> None:
    kept = Remembered()
    answered(kept, "resp_1", body_of("Hi"))
    again = body_of("And now?", previous_response_id="resp_1")
    assert said(kept, again) == [("user", "Hi"), ("assistant", "Hello"), ("user", "And now?")]
    answered(kept, "resp_2", again)
    third = said(kept, body_of([], previous_response_id="resp_2"))
    assert [role for role, _ in third] == ["user", "assistant", "user", "assistant"]


def test_instructions_hold_for_one_request_and_messages_of_the_system_for_all() -> None:
    kept = Remembered()
    system = {"type": "message", "role": "developer", "content": "Answer in French."}
    user = {"role": "user", "content": "Hi"}
    answered(kept, "resp_1", body_of([system, user], instructions="Be brief."))
    again = body_of("!", previous_response_id="resp_1", instructions="Be kind.")
    assert said(kept, again) == [
        ("system", "Be kind."),
        ("system", "Answer in French."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "!"),
    ]


def test_calls_are_part_of_what_is_remembered() -> None:
    kept = Remembered()
    calls = (
        ToolCall("call_1", "look", "{}"),
        ToolCall.with_text("call_2", "patch", "+ a"),
        ToolCall("call_3", "mcp__sea.look", "{}", namespace="mcp__sea"),
    )
    deltas = (*map(Call, calls), Finish("tool_calls"))
    answered(kept, "resp_1", body_of(), ALICE, deltas)
    found = messages(kept, body_of(previous_response_id="resp_1"))
    names = [(call.id, call.name, call.arguments) for m in found for call in m.calls]
    assert names == [(call.id, call.name, call.arguments) for call in calls]


def test_an_item_is_named_in_place_of_being_sent() -> None:
    kept = Remembered()
    (item,) = answered(kept, "resp_1", body_of())
    user = {"role": "user", "content": "Hi"}
    reference = {"type": "item_reference", "id": item}
    assert said(kept, body_of([user, reference, user])) == [
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "Hi"),
    ]
    with pytest.raises(BadRequestError) as caught:
        kept.completed(body_of([reference]), BOB)
    assert (caught.value.param, caught.value.code) == ("input", "item_not_found")


@pytest.mark.parametrize(
    "caller", [BOB, Caller("env"), Caller("sso", sso_token="a"), Caller("user", "1")], ids=str
)
def test_nobody_goes_on_from_what_another_was_answered(caller: Caller) -> None:
    kept = Remembered()
    answered(kept, "resp_1", body_of())
    with pytest.raises(BadRequestError) as caught:
        kept.completed(body_of(previous_response_id="resp_1"), caller)
    assert caught.value.code == "previous_response_not_found"


def test_own_tokens_are_told_apart() -> None:
    kept = Remembered()
    mine, other = (Caller("sso", sso_token=token) for token in ("a", "b"))
    answered(kept, "resp_1", body_of(), mine)
    assert kept.completed(body_of(previous_response_id="resp_1"), mine)
    with pytest.raises(BadRequestError):
        kept.completed(body_of(previous_response_id="resp_1"), other)


def test_what_is_not_to_be_stored_is_not_kept() -> None:
    kept = Remembered()
    (item,) = answered(kept, "resp_1", body_of(store=False))
    for body in (
        body_of(previous_response_id="resp_1"),
        body_of([{"type": "item_reference", "id": item}]),
    ):
        with pytest.raises(BadRequestError):
            kept.completed(body, ALICE)


def test_an_answer_that_broke_off_is_not_kept() -> None:
    kept = Remembered()
    answered(kept, "resp_1", body_of(), ALICE, (Content("Hel"),))
    with pytest.raises(BadRequestError):
        kept.completed(body_of(previous_response_id="resp_1"), ALICE)


def test_the_oldest_make_room_with_all_their_items() -> None:
    kept = Remembered(most_bytes=10_000)
    items = [answered(kept, f"resp_{n}", body_of("x" * 1000)) for n in range(5)]
    for number in (0, 1):
        for body in (
            body_of(previous_response_id=f"resp_{number}"),
            body_of([{"type": "item_reference", "id": items[number][0]}]),
        ):
            with pytest.raises(BadRequestError):
                kept.completed(body, ALICE)
    assert kept.completed(body_of(previous_response_id="resp_4"), ALICE)
    answered(kept, "resp_5", body_of("x" * 20_000))
    assert kept.completed(body_of(previous_response_id="resp_4"), ALICE), "it would not fit at all"


def test_whatever_is_said_counts() -> None:
    kept = Remembered(most_bytes=50_000)
    told = {"type": "function_call_output", "call_id": "c" * 30_000, "output": ""}
    answered(kept, "resp_1", body_of([told]))
    answered(kept, "resp_2", body_of([told]))
    with pytest.raises(BadRequestError):
        kept.completed(body_of(previous_response_id="resp_1"), ALICE)


def test_small_answers_cost_something_too() -> None:
    kept = Remembered(most_bytes=20_000)
    for number in range(20):
        answered(kept, f"resp_{number}", body_of("Hi"))
    with pytest.raises(BadRequestError):
        kept.completed(body_of(previous_response_id="resp_0"), ALICE)


@pytest.mark.parametrize("body", [None, [], {}, {"input": 7}, {"input": [1, {"type": []}]}])
def test_odd_bodies_are_left_to_who_reads_them(body: object) -> None:
    assert Remembered().completed(body, ALICE) == body
