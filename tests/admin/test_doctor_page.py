"""The Diagnose page and `/api/check-proxy`: what they show, and that they never show a secret."""

import errno
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from admin import doctor_page
from admin.app import create_user_app
from admin.doctor import examination, network
from admin.doctor.examination import Patient, examine
from admin.doctor.machine import (
    folder_facts,
    key_facts,
    listening_fails_with,
    port_facts,
    read_mirror_config,
)
from admin.doctor.rounds import Rounds
from admin.doctor.side_by_side import WaitBrokenError, side_by_side
from admin.egress_trial import EgressTrials
from core.account_trial import Reply, Trial, Verdict
from core.doctor.findings import Finding
from core.doctor.grok import TurnFacts
from core.doctor.machine import DatabaseFacts
from core.doctor.network import LookUp
from core.egress import EgressSpec
from core.egress_trial import EgressTrial, EgressVerdict
from core.settings import Settings
from core.wiring import Wiring
from tests.admin.conftest import PASSWORD, TOKEN, Browser

PAGE = "/admin/doctor"
URL = "socks5h://me:secret-word@192.0.2.7:1080"
WORKS = EgressTrial(
    verdict=EgressVerdict.OK, milliseconds=40, status=200, exit_address="192.0.2.9", country="FI"
)


@pytest.fixture(autouse=True)
def nobody_is_dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What would have been dialled."""
    dialled: list[object] = []

    def try_it(_: EgressTrials, spec: EgressSpec | None) -> EgressTrial:
        dialled.append(spec)
        return WORKS

    monkeypatch.setattr(EgressTrials, "with_exit", try_it)
    verified = Finding("tls_verified", "grok.com", {"status": 200})
    monkeypatch.setattr(network, "handshakes", lambda *_: iter([verified]))
    monkeypatch.setattr(network, "_look_up", lambda host: LookUp(host=host, problem="no network"))
    return dialled


@pytest.fixture
def signed_in(operator: FlaskClient) -> FlaskClient:
    operator.post("/admin/sign-in", data={"password": PASSWORD}, headers=OWN)
    return operator


OWN = {"Origin": "http://localhost", "Accept-Language": "en"}


def test_before_the_first_round_there_is_only_a_button(signed_in: FlaskClient) -> None:
    page = signed_in.get(PAGE, headers=OWN).text
    assert "Examine" in page
    assert "examination" not in page


def test_the_report_names_what_is_wrong_and_no_secret(
    signed_in: FlaskClient, add_car: Callable[..., int]
) -> None:
    add_car(1)
    db.add_egress(EgressSpec.parse(URL))
    assert signed_in.post(PAGE, headers=OWN).status_code == 303
    page = signed_in.get(PAGE, headers=OWN).text
    assert "SQLite is sound" in page
    assert "socks5h://***@192.0.2.7:1080" in page
    assert "192.0.2.9 FI" in page
    assert "the mirror is not running" in page
    assert "secret-word" not in page
    assert TOKEN % 1 not in page
    zh = signed_in.get(f"{PAGE}?lang=zh", headers=OWN).text
    assert "由出口代理解析" in zh


def test_strangers_see_and_start_nothing(operator: FlaskClient) -> None:
    assert operator.get(PAGE).status_code == 303
    assert operator.post(PAGE, headers=OWN).headers["Location"].endswith("/admin/sign-in")


def test_a_page_of_another_site_starts_nothing(signed_in: FlaskClient) -> None:
    assert signed_in.post(PAGE, headers={"Origin": "https://evil.example"}).status_code == 403


def test_the_page_is_sent_as_the_findings_come(
    signed_in: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slowly(_: Patient) -> Iterator[Finding]:
        yield Finding("settings_ok")
        assert go_on.wait(10)
        yield Finding("socket_ok")

    monkeypatch.setattr(doctor_page, "examine", slowly)
    signed_in.post(PAGE, headers=OWN)
    page = signed_in.get(PAGE, headers=OWN, buffered=False)
    seen = ""
    pieces = iter(page.response)
    while "nothing to object to" not in seen:
        piece = next(pieces)
        seen += piece if isinstance(piece, str) else piece.decode()
    assert "handshake" not in seen
    assert "Overview" in seen
    assert signed_in.post(PAGE, headers=OWN).status_code == 303, "no second round meanwhile"
    go_on.set()
    rest = "".join(p if isinstance(p, str) else p.decode() for p in pieces)
    assert "the handshake is accepted" in rest
    assert "2 ok" in rest


def test_a_click_during_a_round_starts_no_other() -> None:
    go_on, started = threading.Event(), []

    def look() -> Iterator[Finding]:
        started.append(1)
        go_on.wait(10)
        yield Finding("settings_ok")

    rounds = Rounds()
    first = rounds.start(look)
    assert rounds.start(look) is first
    go_on.set()
    assert [one.key for one in first.watch()] == ["settings_ok"]
    assert list(rounds.start(look).watch())
    assert len(started) == 2


# -- one examination


@contextmanager
def let_threads_end() -> Iterator[None]:
    """What a thread raises is this test's, not the next one's."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10)


WIRING = Wiring(
    secret="ab" * 32,
    proxy_listen=("127.0.0.1", 1),
    internal_listen=("127.0.0.1", 2),
    sidecar_listen=("127.0.0.1", 3),
    behind_front=False,
)


def patient(settings: Settings, **more: Any) -> Patient:
    facts = {"database": db.examine_database(settings), "is_open": True, **more}
    return Patient(settings=settings, **facts)


def keys(found: Iterator[Finding], check: str) -> list[str]:
    return [one.key for one in found if one.check == check]


def test_what_is_not_known_in_time_is_told_and_nobody_waits_longer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ever = threading.Event()

    def hang(*_: object) -> Iterator[Finding]:
        ever.wait(20)
        yield Finding("egress_direct")

    monkeypatch.setattr(examination, "network_findings", hang)
    began = time.monotonic()
    found = list(examine(patient(settings), seconds=2.0))
    ever.set()
    assert time.monotonic() - began < 4
    late = {one.check for one in found if one.key == "late"}
    assert late == {"egress", "dns", "tls", "clock"}
    assert {one.check for one in found} >= {"data", "key", "database", "port", "account", "turn"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_is_told_as_such(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> Iterator[Finding]:
        raise RuntimeError("secret-word")

    monkeypatch.setattr(examination, "grok_findings", break_down)
    with let_threads_end():
        found = list(examine(patient(settings, wiring=WIRING)))
    assert [one.check for one in found if one.key == "broken"] == ["account", "socket", "turn"]


@pytest.mark.parametrize(
    ("facts", "dialled"),
    [
        ({"database": DatabaseFacts(kind="SQLite", exists=False)}, [None]),
        ({"database": DatabaseFacts(kind="SQLite", problem="locked")}, []),
        ({"database": DatabaseFacts(kind="SQLite", damage="page 3")}, []),
        ({"database": DatabaseFacts(kind="SQLite", secrets=2)}, []),
    ],
)
def test_nothing_is_dialled_while_it_is_unknown_whether_there_are_egresses(
    settings: Settings, nobody_is_dialled: list[object], facts: Any, dialled: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(network, "look_ups", lambda settings, ways, hosts: iter(()))
    list(examine(patient(settings, is_open=False, **facts)))
    assert nobody_is_dialled == dialled


def test_the_pool_of_the_settings_is_tried_where_the_database_is_gone(
    settings: Settings, nobody_is_dialled: list[object]
) -> None:
    spec = EgressSpec.parse(URL)
    gone = DatabaseFacts(kind="SQLite", problem="gone")
    told = replace(settings, proxy_url_pool=(spec,))
    found = list(examine(patient(told, is_open=False, database=gone, wiring=WIRING)))
    assert nobody_is_dialled == [spec]
    assert keys(iter(found), "account") == ["storage_down"]


class Grok:
    """Answers as told."""

    def __init__(self, verdict: Verdict, status: int = 101) -> None:
        self.verdict, self.status = verdict, status

    def __call__(self, wiring: Wiring) -> "Grok":
        return self

    def try_account(self, account_id: int) -> Trial:
        return Trial(verdict=self.verdict, upstream_user_id="u-1")

    def shake_hands(self, account_id: int, user_id: str) -> Reply:
        assert user_id == "u-1"
        return Reply(self.status)


@pytest.mark.parametrize(
    ("verdict", "asks", "expected"),
    [
        (Verdict.OK, True, ["account_ok", "socket_ok", "turn_ok"]),
        (Verdict.OK, False, ["account_ok", "socket_ok", "turn_not_asked"]),
        (Verdict.SIGNED_OUT, True, ["account_signed_out", "socket_skipped", "turn_skipped"]),
    ],
)
def test_grok_is_asked_with_one_account(
    settings: Settings,
    add_car: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    verdict: Verdict,
    asks: bool,
    expected: list[str],
) -> None:
    add_car(1)
    monkeypatch.setattr(examination, "GrokCalls", Grok(verdict))
    ask = (lambda: TurnFacts(milliseconds=5)) if asks else None
    found = list(examine(patient(settings, wiring=WIRING, ask_once=ask)))
    assert [one.key for one in found if one.check in ("account", "socket", "turn")] == expected


def test_without_an_account_the_question_is_spared(settings: Settings) -> None:
    found = list(examine(patient(settings, wiring=WIRING)))
    assert keys(iter(found), "account") == ["account_none"]
    assert keys(iter(found), "port") == ["port_dead", "port_dead"]


def test_facts_of_this_machine(tmp_path: Path, settings: Settings) -> None:
    assert folder_facts(tmp_path).problem == ""
    assert not folder_facts(tmp_path / "a" / "b").exists
    (tmp_path / "file").touch()
    assert folder_facts(tmp_path / "file" / "b").problem == "Not a directory"
    (tmp_path / "key").write_text("no key")
    assert "no key" in key_facts(tmp_path / "key").problem
    assert not key_facts(tmp_path / "none").exists
    assert [port.setting for port in port_facts(settings)] == ["PORT", "ADMIN_BIND"]
    assert listening_fails_with(("192.0.2.1", 0)) == errno.EADDRNOTAVAIL


@pytest.mark.parametrize("text", ["hosts: [", "hosts: []", "\xff", None])
def test_a_configuration_that_cannot_be_used(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "mitm_config.yaml"
    if text is not None:
        path.write_text(text, "latin-1")
    config, problems = read_mirror_config(path)
    assert config is None
    assert problems


def test_several_waits_take_as_long_as_one() -> None:
    together = threading.Barrier(3)

    def wait(item: int) -> int:
        together.wait(10)
        return item * 2

    assert side_by_side(wait, [3, 1, 2]) == {3: 6, 1: 2, 2: 4}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_wait_that_breaks_is_not_waited_for() -> None:
    with let_threads_end(), pytest.raises(WaitBrokenError):
        side_by_side(lambda item: 1 // item, [1, 0])


# -- /api/check-proxy


def check(browser: Browser, method: str = "GET", query: str = "", bearer: str = "") -> Any:
    browser.headers = {"Authorization": bearer} if bearer else {}
    if method == "POST":
        return browser.post(f"/api/check-proxy{query}", origin=None)
    return browser.get(f"/api/check-proxy{query}")


BEARER = "Bearer " + PASSWORD.encode().decode("latin-1")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_egress_is_told_as_scripts_expect(browser: Browser, method: str) -> None:
    db.add_egress(EgressSpec.parse(URL))
    answer = check(browser, method, bearer=BEARER)
    (one,) = answer.get_json()["data"]
    assert (one["status"], one["exit_ip"], one["country"]) == (200, "192.0.2.9", "FI")
    assert one["proxy"] == "socks5h://***@192.0.2.7:1080"
    assert "secret-word" not in json.dumps(answer.get_json())


def test_the_password_may_stand_in_the_address(browser: Browser) -> None:
    assert check(browser, query="?admin_password=admin p%C3%A4ssword 1").status_code == 200
    (one,) = check(browser, bearer=BEARER).get_json()["data"]
    assert one["proxy"] is None


@pytest.mark.parametrize("query", ["", "?admin_password=", "?admin_password=wrong"])
def test_without_the_password_nothing_is_dialled(
    browser: Browser, nobody_is_dialled: list[object], query: str
) -> None:
    assert check(browser, query=query).status_code == 401
    assert nobody_is_dialled == []


def test_only_this_endpoint_takes_a_password_from_the_address(settings: Settings) -> None:
    browser = Browser(create_user_app(settings))
    found = browser.get("/api/get-grok-list?admin_password=admin p%C3%A4ssword 1")
    assert found.status_code == 401
