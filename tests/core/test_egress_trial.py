"""What the first words through an egress say about it."""

import pytest

from core.egress_trial import EgressTrial, EgressVerdict, judge_answer


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
