"""React's rows are read and written; what nobody refers to any more goes."""

import pytest

from core.flight import UnreadableFlightError, edited_rows, read_rows, write_rows

TEXT = "日本 3:not a row\n".encode()
PAYLOAD = (
    b'1:"$Sreact.fragment"\n'
    b'2:I[123,["4","static/chunks/x.js"],"default"]\n'
    b':HL["/_next/static/css/a.css","style"]\n'
    b'5:["$","div",null,{"conversation":{"conversationId":"c1","note":"$7"},"row":"$8"}]\n'
    + b"7:T%x,%b"
    % (len(TEXT), TEXT)
    + b'8:{"title":"t"}\n'
    b"9:null\n"
)


def all_texts(value):
    return {"7", "1"}


def test_rows_are_read_and_written_alike():
    rows = read_rows(PAYLOAD)
    assert write_rows(rows) == PAYLOAD
    assert [row.id for row in rows] == [b"1", b"2", b"", b"5", b"7", b"8", b"9"]
    assert rows[4].body == TEXT
    assert [PAYLOAD[slice(*row.span)] for row in rows] == [bytes(row) for row in rows]


def test_nothing_changes_where_nothing_is_edited():
    rows = read_rows(PAYLOAD)
    assert edited_rows(rows, lambda value: value, all_texts) == rows


def test_what_only_the_removed_referred_to_goes_too():
    def edit(value):
        return None if isinstance(value, list) else value

    rows = edited_rows(read_rows(PAYLOAD), edit, all_texts)
    text = write_rows(rows)
    assert TEXT not in text
    assert b'"title"' not in text
    assert b"static/chunks/x.js" in text


def test_a_text_that_is_nobodys_goes():
    rows = edited_rows(read_rows(PAYLOAD), lambda value: value, lambda value: set())
    assert TEXT not in write_rows(rows)
    assert read_rows(write_rows(rows))


def test_a_row_that_cannot_be_read_is_emptied():
    rows = edited_rows(read_rows(b'1:{"a":1\n2:{"b":2}\n'), lambda value: value, all_texts)
    assert write_rows(rows) == b'1:null\n2:{"b":2}\n'


@pytest.mark.parametrize("text", [b"no rows", b"\xff:{}", b"<html>"])
def test_what_is_no_flight_is_not_taken_for_one(text):
    with pytest.raises(UnreadableFlightError):
        read_rows(text)


@pytest.mark.parametrize("text", [b"", b"\n", b"1:null", b"1:T5", b"1:Tzz,abc\n", b"1:Tff,short"])
def test_odd_ends_are_survived(text):
    edited_rows(read_rows(text), lambda value: value, all_texts)
