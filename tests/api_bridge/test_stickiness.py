"""Which requests count as one conversation."""

import re
from typing import Any

import pytest

from api_bridge.chat_request import ChatRequest

SYSTEM = {"role": "system", "content": "Be brief."}
HI = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
MORE = {"role": "user", "content": "And now?"}


def key(*messages: dict[str, Any], chat: str = "", **more: object) -> str:
    body = {"model": "grok-4", "messages": list(messages), **more}
    return ChatRequest.parse(body, chat=chat).sticky


def test_a_conversation_keeps_its_key_as_it_grows() -> None:
    assert key(SYSTEM, HI) == key(SYSTEM, HI, ANSWER, MORE)
    assert key(SYSTEM, HI) == key(SYSTEM, HI, temperature=1, model="grok-fast")
    assert re.fullmatch(r"[0-9a-f]{32}", key(HI))


@pytest.mark.parametrize(
    "messages",
    [
        [HI],
        [SYSTEM, MORE],
        [{"role": "system", "content": "Be brief.Hi"}, {"role": "user", "content": " "}],
        [SYSTEM, {"role": "user", "content": [{"type": "text", "text": "Hi"}, {
            "type": "image_url", "image_url": "https://a.example/x.png"}]}],
    ],
)  # fmt: skip
def test_another_beginning_is_another_conversation(messages: list[dict[str, Any]]) -> None:
    assert key(*messages) != key(SYSTEM, HI)


def test_two_people_who_begin_alike_are_two() -> None:
    assert key(HI, user="a") != key(HI, user="b")
    assert key(HI, user="a") == key(HI, ANSWER, MORE, user="a")


def test_a_client_may_name_its_conversation() -> None:
    assert key(HI, prompt_cache_key="k") == key(MORE, prompt_cache_key="k", user="a")
    assert key(HI, chat="c") == key(MORE, chat="c")
    assert key(HI, chat="c") != key(HI, chat="d")


@pytest.mark.parametrize("odd", [7, ["x"], {"a": 1}, "", None, "\ud800"])
def test_hints_of_any_type_do_no_harm(odd: object) -> None:
    assert key(HI, user=odd, prompt_cache_key=odd, safety_identifier=odd)
