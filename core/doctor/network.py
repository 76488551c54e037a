"""Judges the way to Grok: who may be dialled, and what names, egresses and certificates showed.

The rule of the egresses holds for the doctor too: nothing leaves directly, and no name of Grok's
is looked up here, while an egress is wanted that does so itself.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

from core.connect_to import ConnectTo, resolve
from core.doctor.findings import DIRECT, Finding
from core.egress import LOOKED_UP_HERE, Egress, EgressSpec
from core.egress_trial import EgressTrial, EgressVerdict

CLOCK_OFF, CLOCK_WRONG = 30.0, 300.0
SLOW_MILLISECONDS = 4000
MOST_TRIED = 20
_SAID_ALONE = (
    EgressVerdict.REFUSED,
    EgressVerdict.UNREACHABLE,
    EgressVerdict.TIMED_OUT,
    EgressVerdict.NOT_TRUSTED,
    EgressVerdict.FAILED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """How Grok may be reached. `known` is False where that cannot be told: then nobody dials."""

    known: bool = True
    tried: tuple[EgressSpec, ...] = ()
    switched_off: tuple[EgressSpec, ...] = ()
    left_out: int = 0

    @property
    def is_direct(self) -> bool:
        return self.known and not (self.tried or self.switched_off)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """What this machine's resolver said of one host."""

    host: str
    addresses: tuple[str, ...] = ()
    milliseconds: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What came of one TLS connection to a host; `days` until its certificate ends, if told."""

    host: str
    verdict: EgressVerdict
    status: int = 0
    days: int | None = None
    is_main: bool = False


def ways_out(library: Sequence[Egress] | None, pool: Sequence[EgressSpec]) -> WaysOut:
    """From the library (None: it cannot be read) and the pool of the settings."""
    if library is None and not pool:
        return WaysOut(known=False)
    kept = {egress.spec: egress.enabled for egress in library or ()}
    enabled = {**kept, **dict.fromkeys(pool, True)}
    tried = [spec for spec, is_on in enabled.items() if is_on]
    return WaysOut(
        tried=tuple(tried[:MOST_TRIED]),
        switched_off=tuple(spec for spec, is_on in enabled.items() if not is_on),
        left_out=max(len(tried) - MOST_TRIED, 0),
    )


def judge_ways(ways: WaysOut) -> list[Finding]:
    """What can be said before anything is dialled."""
    if not ways.known:
        return [Finding("egress_unknown")]
    found = [Finding("egress_off", spec.masked) for spec in ways.switched_off[:MOST_TRIED]]
    if ways.left_out:
        found.append(Finding("egress_more", values={"count": ways.left_out}))
    if ways.is_direct:
        found.append(Finding("egress_direct"))
    elif not ways.tried:
        found.append(Finding("egress_all_off"))
    return found


def judge_trials(trials: Mapping[EgressSpec | None, EgressTrial]) -> list[Finding]:
    """Each egress; one that fails is no more than a warning while another one works."""
    some_work = any(trial.verdict is EgressVerdict.OK for trial in trials.values())
    return [_judge_trial(spec, trial, some_work=some_work) for spec, trial in trials.items()]


def who_carries(trials: Mapping[EgressSpec | None, EgressTrial]) -> list[EgressSpec | None]:
    """Those that got through to Grok, the quickest first."""
    found = [(trial.milliseconds, spec) for spec, trial in trials.items() if trial.carries]
    return [spec for _, spec in sorted(found, key=lambda pair: pair[0])]


def judge_look_up(found: LookUp) -> Finding:
    """A name that leads nowhere, or to a place where Grok cannot be."""
    if found.problem or not found.addresses:
        return Finding("dns_failed", found.host, {"problem": found.problem or "no address"})
    shown = ", ".join(found.addresses[:3])
    values = {"addresses": shown, "milliseconds": found.milliseconds}
    is_public = all(_is_public(address) for address in found.addresses)
    return Finding("dns_ok" if is_public else "dns_private", found.host, values)


def no_look_up(host: str, ways: WaysOut, table: Sequence[ConnectTo]) -> Finding | None:
    """Why this machine does not look the host up; None when it does."""
    address, port = resolve(table, host, 443)
    if (address, port) != (host, 443):
        return Finding("dns_seam", host, {"address": f"{address}:{port}"})
    if not ways.known:
        return Finding("dns_unknown", host)
    if ways.is_direct or any(spec.scheme in LOOKED_UP_HERE for spec in ways.tried):
        return None
    return Finding("dns_by_egress", host)


def said_once(findings: Sequence[Finding]) -> list[Finding]:
    """What is the same for several hosts is said of the first one and of how many more."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.key, str(finding.values)), []).append(finding)
    return [_of_all(same) for same in alike.values()]


def judge_handshake(made: Handshake) -> Finding:
    """The main host must answer; others are missed by pages only."""
    if made.verdict is EgressVerdict.NOT_TRUSTED:
        return Finding("tls_not_trusted", made.host)
    if made.status:
        values = {"status": made.status, "days": made.days}
        return Finding("tls_verified" if made.days is None else "tls_ok", made.host, values)
    key = "tls_failed" if made.is_main else "tls_optional"
    return Finding(key, made.host, {"verdict": made.verdict.value})


def judge_clock(here: datetime, dates: Sequence[str]) -> Finding:
    """Against the Date headers of upstream answers; the nearest counts, others were delayed."""
    moments = [moment for text in dates if (moment := _moment(text))]
    if not moments:
        return Finding("clock_unknown")
    off = min(abs((here - moment).total_seconds()) for moment in moments)
    key = "clock_wrong" if off > CLOCK_WRONG else "clock_off" if off > CLOCK_OFF else "clock_ok"
    return Finding(key, values={"seconds": round(off)})


def _of_all(same: Sequence[Finding]) -> Finding:
    first = same[0]
    return replace(first, about=f"{first.about} +{len(same) - 1}") if len(same) > 1 else first


def _judge_trial(spec: EgressSpec | None, trial: EgressTrial, *, some_work: bool) -> Finding:
    about = spec.masked if spec else DIRECT
    if trial.verdict in _SAID_ALONE:
        return Finding(f"egress_{trial.verdict}", about, is_softened=some_work)
    is_slow = trial.verdict is EgressVerdict.OK and trial.milliseconds > SLOW_MILLISECONDS
    key = "egress_slow" if is_slow else f"egress_{trial.verdict}"
    values = {"milliseconds": trial.milliseconds, "exit": _exit(trial)}
    return Finding(key, about, values, is_softened=some_work)


def _exit(trial: EgressTrial) -> str:
    shown = " ".join(filter(None, (trial.exit_address, trial.country)))
    return f", {shown}" if shown else ""


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
