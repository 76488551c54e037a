"""Looks at the way to Grok: names, egresses, certificates; dials only as the proxy would."""

import socket
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from admin.doctor.side_by_side import side_by_side
from admin.egress_trial import MAIN_HOST, EgressTrials, try_to_hear
from admin.reach import ask
from core.doctor.findings import Finding
from core.doctor.network import (
    Handshake,
    LookUp,
    WaysOut,
    judge_clock,
    judge_handshake,
    judge_look_up,
    judge_trials,
    judge_ways,
    no_look_up,
    said_once,
    who_carries,
)
from core.egress import EgressSpec
from core.egress_trial import EgressTrial, EgressVerdict, read_head
from core.settings import Settings

type Trials = dict[EgressSpec | None, EgressTrial]


def network_findings(settings: Settings, ways: WaysOut, hosts: Sequence[str]) -> Iterator[Finding]:
    """Everything between this machine and Grok, as it becomes known."""
    yield from judge_ways(ways)
    yield from look_ups(settings, ways, hosts)
    trials = try_ways(settings, ways)
    yield from judge_trials(trials)
    yield judge_clock(datetime.now(UTC), [trial.date for trial in trials.values()])
    carriers = who_carries(trials)
    if not carriers:
        yield from said_once([Finding("tls_no_egress", host) for host in hosts])
        return
    yield from handshakes(settings, carriers[0], hosts)


def try_ways(settings: Settings, ways: WaysOut) -> Trials:
    """Each egress that is switched on; the direct way only where none is wanted."""
    wanted: list[EgressSpec | None] = [None] if ways.is_direct else [*ways.tried]
    return side_by_side(EgressTrials(settings).with_exit, wanted)


def look_ups(settings: Settings, ways: WaysOut, hosts: Sequence[str]) -> Iterator[Finding]:
    """What this machine's resolver says, of the hosts that it is asked about at all."""
    spared = {host: no_look_up(host, ways, settings.grok_connect_to) for host in hosts}
    found = side_by_side(_look_up, [host for host in hosts if spared[host] is None])
    yield from said_once([spared[host] or judge_look_up(found[host]) for host in hosts])


def handshakes(
    settings: Settings, spec: EgressSpec | None, hosts: Sequence[str]
) -> Iterator[Finding]:
    """One TLS connection to each host, through the quickest way out."""

    def make(host: str) -> Handshake:
        heard = try_to_hear(lambda: ask(settings, spec, host))
        is_main = host == MAIN_HOST
        if isinstance(heard, EgressVerdict):
            return Handshake(host=host, verdict=heard, is_main=is_main)
        head = read_head(heard.words)
        verdict = EgressVerdict.OK if head else EgressVerdict.FAILED
        status = head.status if head else 0
        return Handshake(
            host=host, verdict=verdict, status=status, days=heard.days, is_main=is_main
        )

    for made in side_by_side(make, hosts).values():
        yield judge_handshake(made)


def _look_up(host: str) -> LookUp:
    began = time.monotonic()
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError as problem:
        return LookUp(host=host, problem=problem.strerror or "?")
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    milliseconds = round((time.monotonic() - began) * 1000)
    return LookUp(host=host, addresses=addresses, milliseconds=milliseconds)
