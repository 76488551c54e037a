"""What two readers may take differently is read by neither."""

import pytest

from core.ids import UnreadableError
from core.strict_json import read_answer, read_json, read_objects, write_json


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"x":[{"a":1,"a":2}]}',
        b'{"type":"ping","Type":"other"}',
        b'{"a":NaN}',
        b"[" * 100_000,
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"{",
        b"",
    ],
)
def test_a_body_that_is_not_plain_is_unreadable(body):
    with pytest.raises(UnreadableError):
        read_json(body)


def test_a_plain_body_is_read_and_written():
    assert read_json(b' {"a": "\\ud83d\\ude00", "b": [1, null]} ') == {"a": "😀", "b": [1, None]}
    assert write_json({"a": "ü", "b": 1}) == '{"a":"ü","b":1}'.encode()


def test_half_a_character_stays_an_escape():
    assert write_json(read_json(b'{"a":"\\ud83d"}')) == b'{"a":"\\ud83d"}'


def test_objects_may_be_glued_together():
    assert read_objects(b'{"a":1}{"b":2}\n {"c":3} ') == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert read_objects(b"") == []


@pytest.mark.parametrize("frame", [b"[1]", b'"x"', b"{}x", b'{"a":1,"a":1}', b"{}[]"])
def test_a_frame_holds_objects_and_nothing_else(frame):
    with pytest.raises(UnreadableError):
        read_objects(frame)


def test_an_answer_is_read_once_and_written_anew():
    assert read_answer(b'{"a":1,"A":2,"a":3}') == {"a": 3, "A": 2}
    for odd in (b"", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(UnreadableError):
            read_answer(odd)
