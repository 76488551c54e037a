"""Short texts are found at every cut; all other bytes are handed on as they came."""

import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from core.socket_frames import SHORT, FrameCutter, Rest, Text, text_frame
from tests.core.streams import cut

SERVER, CLIENT = ConnectionType.SERVER, ConnectionType.CLIENT


def sent(*events):
    server = Connection(SERVER)
    return [server.send(event) for event in events]


def found(pieces):
    """Texts, and what lies between them as one piece."""
    cutter, seen = FrameCutter(), []
    for piece in pieces:
        for each in cutter.cut(piece):
            if isinstance(each, Rest) and seen and isinstance(seen[-1], Rest):
                seen[-1] = Rest(seen[-1].data + each.data)
            else:
                seen.append(each)
    return seen


def every_way(data):
    whole = found([data])
    assert found([bytes([byte]) for byte in data]) == whole
    for first in range(len(data)):
        assert found(cut(data, first)) == whole, first
        for second in range(first, min(first + 8, len(data))):
            assert found(cut(data, first, second)) == whole, (first, second)
    return whole


def test_texts_are_found():
    frames = sent(TextMessage("ein"), TextMessage(""), TextMessage("zwölf" * 40))
    assert every_way(b"".join(frames)) == [Text(b"ein"), Text(b""), Text("zwölf".encode() * 40)]


def test_all_else_is_handed_on_in_its_place():
    ping, text, binary, begun, more, end, last, close = sent(
        Ping(b"a"),
        TextMessage("one"),
        BytesMessage(b"\x00\xff"),
        TextMessage("be", message_finished=False),
        TextMessage("gi", message_finished=False),
        TextMessage("n"),
        TextMessage("two"),
        CloseConnection(1000, "over"),
    )
    within = [begun, ping, more, end]
    stream = b"".join([ping, text, binary, *within, last, close])
    assert every_way(stream) == [
        Rest(ping),
        Text(b"one"),
        Rest(binary + b"".join(within)),
        Text(b"two"),
        Rest(close),
    ]


@pytest.mark.parametrize("size", [125, 126, SHORT - 1])
def test_how_long_a_short_text_may_be(size):
    frame = text_frame(b"a" * size)
    assert found([frame]) == [Text(b"a" * size)]
    assert found(cut(frame, 1, 2, 3, 4, 5)) == [Text(b"a" * size)]
    assert found([frame[:-1]]) == []


def test_a_long_text_goes_on_as_it_comes():
    frame = text_frame(b"a" * SHORT)
    assert found([frame[:10]]) == [Rest(frame[:10])]
    assert found([frame[:-1], frame[-1:] + text_frame(b"b")]) == [Rest(frame), Text(b"b")]


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\x81\x02\xff\xfe", id="no UTF-8"),
        pytest.param(b"\xc1\x01a", id="packed"),
        pytest.param(b"\x81\x81abcda", id="masked"),
        pytest.param(b"\x80\x01a", id="the rest of nothing"),
        pytest.param(b"\x83\x01a", id="of no kind"),
    ],
)
def test_what_is_wrong_is_left_to_who_knows(frame):
    (first, *_) = found([frame])
    assert isinstance(first, Rest)
    assert frame.startswith(first.data)


def test_a_text_within_a_message_is_left_to_who_knows():
    begun = sent(TextMessage("be", message_finished=False))[0]
    assert found([begun + text_frame(b"a")]) == [Rest(begun + text_frame(b"a"))]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, SHORT - 1, SHORT, SHORT + 1])
def test_frames_are_written_as_others_write_them(size):
    assert text_frame(b"a" * size) == sent(TextMessage("a" * size))[0]
    client = Connection(CLIENT)
    client.receive_data(text_frame("ä".encode() * size))
    assert "".join(event.data for event in client.events()) == "ä" * size
