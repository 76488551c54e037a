"""What a test of one egress found, in one word; how the connection was made is somebody else's."""

from dataclasses import dataclass
from enum import StrEnum

from core.outcomes import Answer, Outcome, classify


class EgressVerdict(StrEnum):
    """Each has a sentence and a next step in both languages."""

    OK = "ok"
    CHALLENGED = "challenged"
    REGION = "region"
    REFUSED = "refused"
    """The egress would not carry us: wrong credentials, or its rules."""
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    NOT_TRUSTED = "not_trusted"
    """Somebody between here and Grok shows a certificate of his own."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressTrial:
    """The verdict, and how long it took to hear Grok's first words."""

    verdict: EgressVerdict
    milliseconds: int = 0

    @property
    def carries(self) -> bool:
        """Whether the egress did its work, whatever Grok thought of its address."""
        return self.verdict in (EgressVerdict.OK, EgressVerdict.CHALLENGED, EgressVerdict.REGION)


_OUTCOMES = {
    Outcome.CHALLENGED: EgressVerdict.CHALLENGED,
    Outcome.REGION: EgressVerdict.REGION,
    Outcome.FAILED: EgressVerdict.FAILED,
}


def judge_answer(head: bytes) -> EgressVerdict:
    """From the beginning of an HTTP/1 answer; any sensible answer of the host will do."""
    top, _, body = head.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if not first.startswith("HTTP/1.") or len(words) < 2 or not words[1].isdecimal():
        return EgressVerdict.FAILED
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    answer = Answer(
        status=int(words[1]),
        content_type=headers.get("content-type", ""),
        cf_mitigated=headers.get("cf-mitigated", ""),
        head=body,
    )
    return _OUTCOMES.get(classify(answer), EgressVerdict.OK)
