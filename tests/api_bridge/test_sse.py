"""Server-sent events: the one framing that all clients read."""

import json
from collections.abc import Iterator

import pytest

from api_bridge import sse
from api_bridge.answer_head import PATIENCE, Chunk
from api_bridge.errors import BadRequestError, GrokFailedError
from api_bridge.events import Failed, FailureKind


def broken() -> Iterator[Chunk]:
    yield {"choices": []}
    raise GrokFailedError(Failed(FailureKind.CUT))


def test_a_stream_begins_with_a_comment_and_ends_with_done() -> None:
    assert list(sse.stream([{"a": "é"}, PATIENCE])) == [
        b": ok\n\n",
        'data: {"a":"é"}\n\n'.encode(),
        b": ping\n\n",
        b"data: [DONE]\n\n",
    ]


@pytest.mark.parametrize("line_end", ["\u0085", "\u2028", "\u2029"])
def test_no_reader_of_lines_takes_a_character_for_the_end_of_one(line_end: str) -> None:
    sent = sse.frame({"a": f"x{line_end}y"})
    assert len(sent.decode().rstrip("\n").splitlines()) == 1
    assert json.loads(sent.removeprefix(b"data: ")) == {"a": f"x{line_end}y"}


def test_a_failure_ends_the_stream_with_an_error_and_no_done() -> None:
    *_, last = sse.stream(broken())
    error = json.loads(last.removeprefix(b"data: "))
    assert set(error) == {"error"}
    assert set(error["error"]) == {"message", "type", "param", "code"}
    assert error["error"]["code"] == "upstream_cut"


def test_an_accident_is_no_polite_end() -> None:
    def accident() -> Iterator[Chunk]:
        yield {"a": 1}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(sse.stream(accident()))


def test_no_line_but_data_and_comments_and_no_bare_newline() -> None:
    text = "a\nb\r\n\nid: 7\nevent: x\u2028"
    body = b"".join(sse.stream([{"text": text}]))
    lines = body.split(b"\n")
    assert all(line == b"" or line.startswith((b"data: ", b": ")) for line in lines)
    assert json.loads(lines[2].removeprefix(b"data: ")) == {"text": text}


def test_half_a_surrogate_pair_can_be_written() -> None:
    assert sse.frame({"a": "\ud83d"}) == b'data: {"a":"\\ud83d"}\n\n'


def test_any_error_of_ours_has_a_frame() -> None:
    assert b'"param":"n"' in sse.error_frame(BadRequestError("No.", "n"))
