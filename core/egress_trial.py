"""What a test of one egress found, in one word; how the connection was made is somebody else's."""

import re
from collections.abc import Mapping
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
    status: int = 0
    """What Grok answered; 0 when nothing was heard of it."""
    date: str = ""
    """The answer's Date header."""
    exit_address: str = ""
    """Where the world sees us come from, and the country of that address."""
    country: str = ""

    @property
    def carries(self) -> bool:
        """Whether the egress did its work, whatever Grok thought of its address."""
        return self.verdict in (EgressVerdict.OK, EgressVerdict.CHALLENGED, EgressVerdict.REGION)


_ADDRESS = re.compile(r"[0-9a-fA-F:.]{3,45}")
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]")
_OUTCOMES = {
    Outcome.CHALLENGED: EgressVerdict.CHALLENGED,
    Outcome.REGION: EgressVerdict.REGION,
    Outcome.FAILED: EgressVerdict.FAILED,
}


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an HTTP/1 answer; `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_head(text: bytes) -> Head | None:
    """None for what is no HTTP."""
    top, _, body = text.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if not first.startswith("HTTP/1.") or len(words) < 2 or not words[1].isdecimal():
        return None
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return Head(int(words[1]), headers, body)


def judge_answer(text: bytes) -> EgressVerdict:
    """From the beginning of an HTTP/1 answer; any sensible answer of the host will do."""
    head = read_head(text)
    if head is None:
        return EgressVerdict.FAILED
    answer = Answer(
        status=head.status,
        content_type=head.headers.get("content-type", ""),
        cf_mitigated=head.headers.get("cf-mitigated", ""),
        head=head.body,
    )
    return _OUTCOMES.get(classify(answer), EgressVerdict.OK)


TRACE = "/cdn-cgi/trace"
"""Where Cloudflare tells a client on any of its hosts which address it comes from."""


def read_trace(text: bytes) -> tuple[str, str]:
    """Address and country from the trace; empty where it is none."""
    head = read_head(text)
    if head is None or head.status != 200:
        return "", ""
    lines = head.body.decode("latin-1").splitlines()
    told = {name: value for name, _, value in (line.partition("=") for line in lines)}
    address, country = told.get("ip", ""), told.get("loc", "")
    if not _ADDRESS.fullmatch(address):
        return "", ""
    return address, country if _COUNTRY.fullmatch(country) else ""
