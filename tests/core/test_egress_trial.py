"""What the first words through an egress say about it."""

import pytest

from core.egress_trial import EgressTrial, EgressVerdict, judge_answer, read_head, read_trace


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", EgressVerdict.OK),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", EgressVerdict.OK),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", EgressVerdict.OK),
        (b"HTTP/1.1 403 F\r\nCF-Mitigated: challenge\r\n\r\n", EgressVerdict.CHALLENGED),
        (b"HTTP/1.1 403 F\r\n\r\nnot available in your region", EgressVerdict.REGION),
        (b"HTTP/1.1 503 Busy\r\n\r\n", EgressVerdict.FAILED),
        (b"", EgressVerdict.FAILED),
        (b"SSH-2.0-OpenSSH", EgressVerdict.FAILED),
        (b"HTTP/1.1 abc", EgressVerdict.FAILED),
    ],
)
def test_the_first_words(head: bytes, verdict: EgressVerdict) -> None:
    assert judge_answer(head) is verdict


def test_an_egress_that_is_challenged_did_carry() -> None:
    assert EgressTrial(verdict=EgressVerdict.CHALLENGED).carries
    assert not EgressTrial(verdict=EgressVerdict.TIMED_OUT).carries


TRACE = b"fl=1f\nh=grok.com\nip=2001:db8::7\nts=1\nloc=FI\nwarp=off\n"


@pytest.mark.parametrize(
    ("text", "exit_"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n" + TRACE, ("2001:db8::7", "FI")),
        (b"HTTP/1.1 200 OK\r\n\r\nip=192.0.2.1\nloc=<b>\n", ("192.0.2.1", "")),
        (b"HTTP/1.1 200 OK\r\n\r\nip=<script>\nloc=FI\n", ("", "")),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n" + TRACE, ("", "")),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", ("", "")),
        (b"nonsense", ("", "")),
    ],
)
def test_where_we_come_from(text: bytes, exit_: tuple[str, str]) -> None:
    assert read_trace(text) == exit_


def test_an_answers_head() -> None:
    head = read_head(b"HTTP/1.1 204 No Content\r\nDate: Thu\r\nX: 1\r\n\r\n")
    assert head
    assert (head.status, head.headers["date"], head.body) == (204, "Thu", b"")
