"""What the doctor makes of facts: every check as a table, and the report they add up to."""

import json
import string
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.account import Account, AccountStatus
from core.account_trial import Reply, Trial, Verdict
from core.connect_to import parse_connect_to
from core.doctor import findings as report
from core.doctor.findings import Finding
from core.doctor.grok import (
    TurnFacts,
    choose_patient,
    judge_account,
    judge_no_account,
    judge_socket,
    judge_turn,
    may_go_on,
)
from core.doctor.machine import (
    DatabaseFacts,
    FolderFacts,
    KeyFacts,
    PortFacts,
    judge_config,
    judge_database,
    judge_folder,
    judge_key,
    judge_port,
    judge_settings,
    judge_versions,
    size,
)
from core.doctor.network import (
    MOST_TRIED,
    Handshake,
    LookUp,
    judge_clock,
    judge_handshake,
    judge_look_up,
    judge_trials,
    judge_ways,
    no_look_up,
    said_once,
    ways_out,
    who_carries,
)
from core.doctor.saying import Level
from core.doctor.sayings import CHECKS, SAYINGS
from core.egress import Egress, EgressSpec
from core.egress_trial import EgressTrial, EgressVerdict

GIB = 1024**3
SPEC = EgressSpec.parse("socks5h://me:secret-word@proxy.example:1080")
OTHER = EgressSpec.parse("socks5://other.example:1080")
WELL = DatabaseFacts(kind="SQLite", schema="m007", accounts=2, users=1, secrets=3, opened=3)
NEW = DatabaseFacts(kind="SQLite", exists=False)


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", SAYINGS)
def test_both_languages_say_the_same(key: str) -> None:
    saying = SAYINGS[key]
    assert saying.zh.strip()
    assert saying.en.strip()
    assert placeholders(saying.zh) == placeholders(saying.en)
    assert placeholders(saying.advice_zh) == placeholders(saying.advice_en)
    assert bool(saying.advice_zh) == bool(saying.advice_en)
    assert saying.check in {*CHECKS, ""}


@pytest.mark.parametrize("key", [key for key, one in SAYINGS.items() if one.level is Level.FAIL])
def test_every_failure_has_a_next_step(key: str) -> None:
    assert SAYINGS[key].advice_en


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        (FolderFacts(path="/d", exists=True, free_bytes=2 * GIB), "data_ok"),
        (FolderFacts(path="/d", exists=False, free_bytes=2 * GIB), "data_new"),
        (FolderFacts(path="/d", exists=True, free_bytes=GIB - 1), "data_low"),
        (FolderFacts(path="/d", exists=True, free_bytes=5), "data_full"),
        (
            FolderFacts(path="/d", exists=True, free_bytes=GIB, problem="read-only"),
            "data_unwritable",
        ),
    ],
)
def test_the_data_folder(facts: FolderFacts, key: str) -> None:
    assert judge_folder(facts).key == key


@pytest.mark.parametrize(
    ("facts", "database", "key"),
    [
        (KeyFacts(path="/k", exists=True, mode=0o100600), WELL, "key_ok"),
        (KeyFacts(path="/k", exists=True, mode=0o100640), WELL, "key_open"),
        (KeyFacts(path="/k", exists=True, problem="is empty"), WELL, "key_unreadable"),
        (KeyFacts(path="/k", exists=False), WELL, "key_missing"),
        (KeyFacts(path="/k", exists=False), NEW, "key_new"),
    ],
)
def test_the_key_file(facts: KeyFacts, database: DatabaseFacts, key: str) -> None:
    assert judge_key(facts, database).key == key


@pytest.mark.parametrize(
    ("facts", "has_key", "key", "is_usable"),
    [
        (WELL, True, "database_ok", True),
        (NEW, False, "database_new", False),
        (replace(WELL, problem="locked"), True, "database_away", False),
        (replace(WELL, damage="page 3"), True, "database_damaged", False),
        (replace(WELL, too_new=True, opened=0), True, "database_too_new", False),
        (replace(WELL, pending=2), True, "database_old", False),
        (replace(WELL, opened=1), True, "database_sealed", True),
        (replace(WELL, opened=0), False, "database_ok", True),
    ],
)
def test_the_database(facts: DatabaseFacts, has_key: bool, key: str, is_usable: bool) -> None:
    assert judge_database(facts, has_key=has_key).key == key
    assert facts.is_usable == is_usable


@pytest.mark.parametrize(
    ("facts", "is_empty"),
    [
        (NEW, True),
        (replace(WELL, secrets=0, opened=0), True),
        (WELL, False),
        (replace(WELL, secrets=0, problem="locked"), False),
        (replace(WELL, secrets=0, damage="page 3"), False),
    ],
)
def test_when_it_is_certain_that_no_egress_was_ever_kept(
    facts: DatabaseFacts, is_empty: bool
) -> None:
    assert facts.is_empty == is_empty


@pytest.mark.parametrize(
    ("answers", "is_busy", "problem", "is_running", "key"),
    [
        (True, True, "", True, "port_ours"),
        (False, True, "", True, "port_dead"),
        (False, False, "", True, "port_dead"),
        (False, False, "", False, "port_free"),
        (True, True, "", False, "port_taken"),
        (False, True, "in use", False, "port_taken"),
        (False, False, "Permission denied", False, "port_unusable"),
    ],
)
def test_the_ports(answers: bool, is_busy: bool, problem: str, is_running: bool, key: str) -> None:
    port = PortFacts(
        setting="PORT", address="[::]:80", answers=answers, is_busy=is_busy, problem=problem
    )
    assert judge_port(port, is_running=is_running).key == key


def test_versions_settings_and_configuration() -> None:
    versions = dict.fromkeys(("mirror", "python", "mitmproxy", "flask", "h2"), "1")
    assert [one.key for one in judge_versions([], versions)] == ["versions_ok"]
    assert [one.key for one in judge_versions(["a", "b"], {})] == ["versions_old"] * 2
    assert [one.key for one in judge_settings([])] == ["settings_ok"]
    assert [one.key for one in judge_settings(["doubt"])] == ["settings_doubt"]
    assert [one.key for one in judge_config(12, [])] == ["config_ok"]
    assert [one.key for one in judge_config(0, ["x", "y"])] == ["config_wrong"] * 2


@pytest.mark.parametrize(
    ("count", "shown"), [(5, "5 B"), (1536, "1.5 KiB"), (3 * GIB, "3.0 GiB"), (1024**6, "1048576")]
)
def test_sizes(count: int, shown: str) -> None:
    assert size(count).startswith(shown)


def library(*specs: EgressSpec, enabled: bool = True) -> list[Egress]:
    return [Egress(id=n, spec=spec, enabled=enabled) for n, spec in enumerate(specs, 1)]


def test_nobody_is_dialled_directly_while_an_egress_is_wanted_or_may_be() -> None:
    assert ways_out([], ()).is_direct
    assert not ways_out(library(SPEC), ()).is_direct
    assert not ways_out(library(SPEC, enabled=False), ()).is_direct
    assert not ways_out([], (SPEC,)).is_direct
    assert not ways_out(None, ()).is_direct
    assert ways_out(None, (SPEC,)).tried == (SPEC,)


def test_what_can_be_said_before_dialling() -> None:
    assert [one.key for one in judge_ways(ways_out(None, ()))] == ["egress_unknown"]
    assert [one.key for one in judge_ways(ways_out([], ()))] == ["egress_direct"]
    off = judge_ways(ways_out(library(SPEC, enabled=False), ()))
    assert [one.key for one in off] == ["egress_off", "egress_all_off"]
    many = [EgressSpec.parse(f"http://10.0.0.{n}:1") for n in range(MOST_TRIED + 3)]
    ways = ways_out([], many)
    assert len(ways.tried) == MOST_TRIED
    assert [one.values for one in judge_ways(ways)] == [{"count": 3}]


@pytest.mark.parametrize("verdict", list(EgressVerdict))
def test_every_verdict_on_an_egress_is_said_without_its_credentials(verdict: EgressVerdict) -> None:
    (one,) = judge_trials({SPEC: EgressTrial(verdict=verdict, milliseconds=50)})
    assert one.key == f"egress_{verdict}"
    assert "secret-word" not in json.dumps(report.as_json([one]))
    assert "socks5h://***@proxy.example:1080" in one.title("en")


def test_a_dead_egress_is_a_warning_while_another_one_works() -> None:
    dead, well = (EgressTrial(verdict=one) for one in (EgressVerdict.TIMED_OUT, EgressVerdict.OK))
    assert [one.level for one in judge_trials({SPEC: dead, OTHER: well})] == [Level.WARN, Level.OK]
    assert [one.level for one in judge_trials({SPEC: dead, OTHER: dead})] == [Level.FAIL] * 2
    slow = EgressTrial(verdict=EgressVerdict.OK, milliseconds=9000, exit_address="192.0.2.1")
    (one,) = judge_trials({None: slow})
    assert (one.key, one.title("zh")) == ("egress_slow", "出口 直连")
    assert "192.0.2.1" in one.said("en")


def test_the_quickest_that_carries_is_used() -> None:
    trials: dict[EgressSpec | None, EgressTrial] = {
        SPEC: EgressTrial(verdict=EgressVerdict.OK, milliseconds=90),
        OTHER: EgressTrial(verdict=EgressVerdict.CHALLENGED, milliseconds=10),
        None: EgressTrial(verdict=EgressVerdict.REFUSED, milliseconds=1),
    }
    assert who_carries(trials) == [OTHER, SPEC]


@pytest.mark.parametrize(
    ("found", "key"),
    [
        (LookUp(host="grok.com", addresses=("104.18.29.1", "2606:4700::1")), "dns_ok"),
        (LookUp(host="grok.com", addresses=("104.18.29.1", "127.0.0.1")), "dns_private"),
        (LookUp(host="grok.com", addresses=("fe80::1%eth0",)), "dns_private"),
        (LookUp(host="grok.com", addresses=("nonsense",)), "dns_private"),
        (LookUp(host="grok.com"), "dns_failed"),
        (LookUp(host="grok.com", problem="Name or service not known"), "dns_failed"),
    ],
)
def test_names(found: LookUp, key: str) -> None:
    assert judge_look_up(found).key == key


@pytest.mark.parametrize(
    ("pool", "table", "key"),
    [
        ((SPEC,), "", "dns_by_egress"),
        ((SPEC,), "*:443=127.0.0.1:9443", "dns_seam"),
        ((), "grok.com:443=127.0.0.1:9443", "dns_seam"),
        ((), "x.ai:443=127.0.0.1:9443", None),
        ((SPEC, OTHER), "", None),
    ],
)
def test_a_name_is_looked_up_here_only_where_the_proxy_would_do_so(
    pool: tuple[EgressSpec, ...], table: str, key: str | None
) -> None:
    found = no_look_up("grok.com", ways_out([], pool), parse_connect_to(table))
    assert (found and found.key) == key


def test_where_nothing_is_known_no_name_is_looked_up() -> None:
    found = no_look_up("grok.com", ways_out(None, ()), ())
    assert found
    assert found.key == "dns_unknown"


@pytest.mark.parametrize(
    ("made", "key", "level"),
    [
        (Handshake(host="a", verdict=EgressVerdict.OK, status=404, days=30), "tls_ok", "ok"),
        (Handshake(host="a", verdict=EgressVerdict.OK, status=200), "tls_verified", "ok"),
        (Handshake(host="a", verdict=EgressVerdict.NOT_TRUSTED), "tls_not_trusted", "fail"),
        (Handshake(host="a", verdict=EgressVerdict.TIMED_OUT), "tls_optional", "warn"),
        (Handshake(host="a", verdict=EgressVerdict.FAILED, is_main=True), "tls_failed", "fail"),
    ],
)
def test_certificates(made: Handshake, key: str, level: str) -> None:
    assert (judge_handshake(made).key, judge_handshake(made).level) == (key, level)


NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dates", "key"),
    [
        (["Thu, 26 Nov 2026 12:00:01 GMT"], "clock_ok"),
        (["Thu, 26 Nov 2026 12:01:00 GMT"], "clock_off"),
        (["Thu, 26 Nov 2026 10:00:00 GMT"], "clock_wrong"),
        (["Thu, 26 Nov 2026 10:00:00 GMT", "Thu, 26 Nov 2026 12:00:00 GMT"], "clock_ok"),
        (["", "nonsense", "Thu, 26 Nov 2026 12:00:00"], "clock_unknown"),
        ([], "clock_unknown"),
    ],
)
def test_the_clock(dates: list[str], key: str) -> None:
    assert judge_clock(NOON, dates).key == key


def test_what_is_the_same_for_several_hosts_is_said_once() -> None:
    found = [Finding("dns_by_egress", host) for host in ("a", "b", "c")]
    other = Finding("dns_failed", "d", {"problem": "x"})
    assert [one.about for one in said_once([*found[:1], other, *found[1:]])] == ["a +2", "d"]


def account(number: int, **more: object) -> Account:
    return replace(Account(id=number, name="me@mail.example", sso_token="t"), **more)  # type: ignore[arg-type]


def test_who_is_tested() -> None:
    fresh, used = account(1), account(2, last_used_at=5.0)
    known = account(3, status=AccountStatus.OK)
    dead, off = account(4, status=AccountStatus.BLOCKED), account(5, enabled=False)
    assert choose_patient([fresh, used, known, dead, off], 9.0) == known
    assert choose_patient([fresh, used], 9.0) == used
    assert choose_patient([dead, off, account(6, cooling_until=10.0)], 9.0) is None
    assert judge_no_account(0).key == "account_none"
    assert judge_no_account(3).level is Level.FAIL


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_on_an_account_is_said_by_its_number(verdict: Verdict) -> None:
    found = judge_account(account(7), Trial(verdict=verdict, remaining=3, total=20))
    assert found.title("en") == "Account #7"
    assert "mail.example" not in json.dumps(report.as_json([found]))
    assert may_go_on(Trial(verdict=verdict)) == (found.key in _FIT)


_FIT = ("account_ok", "account_rate_limited")


@pytest.mark.parametrize(
    ("remaining", "total", "shown"), [(3, 20, "3/20"), (3, None, "3"), (None, None, "?")]
)
def test_the_limit(remaining: int | None, total: int | None, shown: str) -> None:
    trial = Trial(verdict=Verdict.OK, remaining=remaining, total=total)
    assert judge_account(account(1), trial).values == {"quota": shown}


def ours(code: str) -> bytes:
    return json.dumps({"error": {"code": code}, "request_id": "r"}).encode()


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (Reply(101), "socket_ok"),
        (Reply(0), "socket_unreachable"),
        (Reply(502, body=ours("no_egress")), "socket_no_egress"),
        (Reply(504, body=ours("upstream_timeout")), "socket_unreachable"),
        (Reply(503, body=ours("no_account")), "socket_refused"),
        (Reply(403, "text/html", "challenge"), "socket_challenged"),
        (Reply(403, body=b"Request rejected by anti-bot rules."), "socket_anti_bot"),
        (Reply(403, body=b"not available in your region"), "socket_region"),
        (Reply(426), "socket_refused"),
    ],
)
def test_the_handshake(reply: Reply, key: str) -> None:
    assert judge_socket(reply).key == key


@pytest.mark.parametrize(
    ("failure", "key"),
    [("", "turn_ok"), ("challenged", "turn_challenged"), ("stalled", "turn_failed")],
)
def test_the_question(failure: str, key: str) -> None:
    assert judge_turn(TurnFacts(failure=failure)).key == key


def test_the_report() -> None:
    found = [
        Finding("turn_not_asked"),
        Finding("late", of="dns"),
        Finding("clock_off", values={"seconds": 60}),
        Finding("settings_ok"),
    ]
    assert [one.check for one in report.in_order(found)] == ["settings", "dns", "clock", "turn"]
    said = report.as_json(found)
    assert (said["ok"], said["level"]) == (True, "warn")
    assert said["counts"] == {"ok": 1, "warn": 1, "fail": 0, "skipped": 2}
    assert not report.as_json([*found, Finding("broken", of="tls")])["ok"]
    assert report.worst([]) is Level.SKIPPED
