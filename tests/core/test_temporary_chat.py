import json

import pytest

from core.temporary_chat import temporary_body, temporary_frame


@pytest.mark.parametrize("body", [b'{"message":"hi"}', b'{"message":"hi","temporary":false}'])
def test_a_new_conversation_becomes_temporary(body):
    assert json.loads(temporary_body(body)) == {"message": "hi", "temporary": True}
    assert json.loads(temporary_body(b"")) == {"temporary": True}


@pytest.mark.parametrize("body", [b"[]", b"nonsense", b'"text"'])
def test_what_is_no_conversation_is_an_error(body):
    with pytest.raises(ValueError, match=r".+"):
        temporary_body(body)


@pytest.mark.parametrize(
    "session",
    [None, {}, {"x_grok": None}, {"model": "fast", "x_grok": {"is_temporary": False, "a": 1}}],
)
def test_a_session_becomes_temporary(session):
    event = {"type": "session.create", "session": session}
    made = json.loads(temporary_frame(json.dumps({"event": event}).encode()))
    assert made["event"]["session"]["x_grok"]["is_temporary"] is True


def test_objects_that_share_a_frame_stay_together():
    frame = b'{"event":{"type":"ping"}} {"event":{"type":"session.create"}}'
    made = temporary_frame(frame)
    first, end = json.JSONDecoder().raw_decode(made.decode())
    assert first == {"event": {"type": "ping"}}
    assert b"is_temporary" in made[end:]


def test_an_escaped_name_is_the_same_name():
    assert b"is_temporary" in temporary_frame(b'{"event":{"type":"session\\u002ecreate"}}')


def test_other_frames_pass_as_they_are():
    frame = '{"event":{"type":"ping"}, "text": "grüße"}'.encode()
    assert temporary_frame(frame) is frame


def test_a_frame_that_hides_a_session_in_nonsense_is_an_error():
    with pytest.raises(ValueError, match=r".+"):
        temporary_frame(b"session.create {")
