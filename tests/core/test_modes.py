import json

import pytest

from core.modes import is_chat, mode_in, mode_in_frame


@pytest.mark.parametrize(
    ("body", "mode"),
    [
        pytest.param({"message": "hi", "modeId": "fast"}, "fast", id="the newer field"),
        pytest.param({"modelName": "grok-4-auto"}, "auto", id="the older field"),
        pytest.param({"modelName": "expert"}, "expert", id="a meter's question"),
        pytest.param({"message": '"modeId":"heavy"', "modeId": "fast"}, "fast", id="not his words"),
        pytest.param({"message": "x" * 200_000, "modeId": "fast"}, "fast", id="after a long text"),
        pytest.param({"message": "hi"}, "", id="none"),
    ],
)
def test_the_mode_of_a_request(body, mode):
    assert mode_in(json.dumps(body).encode()) == mode


def test_the_mode_of_a_session_on_a_socket():
    opening = {"type": "session.create", "session": {"model": "fast", "x_grok": {"a": 1}}}
    assert mode_in_frame(json.dumps({"event": opening}).encode()) == "fast"
    assert mode_in_frame(b'{"event":{"type":"ping","session":{"model":"fast"}}}') == ""


@pytest.mark.parametrize(
    ("method", "path", "is_one"),
    [
        ("POST", "/rest/app-chat/conversations/new", True),
        ("POST", "/rest/app-chat/conversations/c-1/responses?x=1", True),
        ("GET", "/rest/app-chat/conversations/c-1/responses", False),
        ("POST", "/rest/app-chat/conversations/c-1/load-responses", False),
        ("POST", "/rest/rate-limits", False),
    ],
)
def test_what_is_a_chat(method, path, is_one):
    assert is_chat(method, path) is is_one
