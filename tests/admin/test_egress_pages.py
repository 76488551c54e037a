"""The console's egresses: nothing that signs in is ever shown, a test says what to do next."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from admin.egress_trial import MAIN_HOST, EgressTrials
from core.connect_to import parse_connect_to
from core.egress import EgressSpec
from core.egress_trial import EgressTrial, EgressVerdict
from core.settings import Settings
from tests.admin.test_account_pages import Desk
from tests.egress_proxies import CertificateAuthority, EgressProxy, Mode, upstream

SECRET = "s3cr3t-w0rd"
URL = f"socks5h://me:{SECRET}@proxy.example.com:1080"
PAGE = "/admin/egresses"


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[[EgressVerdict], None]:
    def found(verdict: EgressVerdict) -> None:
        trial = EgressTrial(verdict=verdict, milliseconds=321)
        monkeypatch.setattr("admin.egress_trial.EgressTrials.__call__", lambda *_: trial)

    return found


def test_many_are_added_at_once_and_shown_masked(desk: Desk) -> None:
    assert desk.post(PAGE, urls=f"{URL}\nhttp://192.0.2.7:3128").status_code == 303
    page = desk.get(PAGE).text
    assert "2 egresses added" in page
    assert "socks5h://***@proxy.example.com:1080" in page
    assert SECRET not in page


def test_a_wrong_line_is_named_and_nothing_is_added(desk: Desk) -> None:
    answer = desk.post(PAGE, urls=f"http://192.0.2.7:3128\nsocks9://me:{SECRET}@x:1")
    assert answer.status_code == 400
    assert "entry 2" in answer.text
    assert SECRET not in answer.text
    assert db.load_egresses() == []
    assert desk.post(PAGE, urls=" ").status_code == 400


def test_switching_off_and_on(desk: Desk) -> None:
    number = db.add_egress(EgressSpec.parse(URL))
    desk.post(f"{PAGE}/{number}", do="disable")
    assert "is switched off" in desk.get(PAGE).text
    assert not db.load_egresses()[0].enabled
    desk.post(f"{PAGE}/{number}", do="enable")
    assert db.load_egresses()[0].enabled
    assert desk.post(f"{PAGE}/{number}", do="format").status_code == 400
    assert desk.post(f"{PAGE}/99", do="enable").status_code == 404


def test_deleting_asks_and_says_what_follows(desk: Desk, add_car: Any) -> None:
    number = db.add_egress(EgressSpec.parse(URL))
    account = add_car()
    db.bind_egress(account, number)
    asked = desk.post(f"{PAGE}/{number}", do="delete").text
    assert "1 accounts" in asked or "1 个账号" in asked
    assert SECRET not in asked
    assert db.load_egresses()
    desk.post(f"{PAGE}/{number}", do="delete", confirmed="yes")
    assert db.load_egresses() == []
    bound = db.load_account(account)
    assert bound
    assert bound.egress_id is None


@pytest.mark.parametrize("verdict", list(EgressVerdict))
def test_each_result_has_a_next_step_and_is_remembered(
    desk: Desk, found: Callable[[EgressVerdict], None], verdict: EgressVerdict
) -> None:
    number = db.add_egress(EgressSpec.parse(URL))
    db.cool_egress(number, 5e9, 3, "old")
    found(verdict)
    desk.post(f"{PAGE}/{number}", do="test")
    page = desk.get(PAGE).text
    assert "321 ms" in page
    assert SECRET not in page
    (egress,) = db.load_egresses()
    carries = EgressTrial(verdict=verdict).carries
    assert (egress.failures == 0) == carries
    assert (db.egress_errors() == {}) == carries


def test_a_failure_of_a_test_puts_the_egress_to_rest(
    desk: Desk, found: Callable[[EgressVerdict], None]
) -> None:
    number = db.add_egress(EgressSpec.parse(URL))
    found(EgressVerdict.TIMED_OUT)
    desk.post(f"{PAGE}/{number}", do="test")
    page = desk.get(PAGE).text
    assert "Resting until" in page
    assert "1 failures in a row" in page
    assert "test: timed_out" in page


def test_an_egress_that_is_not_there(settings: Settings) -> None:
    spec = EgressSpec.parse("http://127.0.0.1:1")
    assert EgressTrials(settings)(spec).verdict is EgressVerdict.UNREACHABLE


@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks5", "socks5h"])
async def test_each_kind_is_dialled_and_heard(
    settings: Settings, tmp_path: Path, scheme: str
) -> None:
    ca = CertificateAuthority(tmp_path)
    tls = ca.server("127.0.0.1") if scheme == "https" else None
    async with (
        upstream(ca.server(MAIN_HOST)) as served,
        EgressProxy(scheme, {}, tls=tls) as proxy,
    ):
        trials = EgressTrials(_leading_to(served.address, settings, ca))
        trial = await asyncio.to_thread(trials, proxy.spec)
    assert trial.verdict is EgressVerdict.OK
    assert proxy.targets == [served.address[:2]]
    assert served.heads[0].startswith("GET / HTTP/1.1\r\nHost: grok.com\r\n")


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (Mode.REFUSE_407, EgressVerdict.REFUSED),
        (Mode.BLACK_HOLE, EgressVerdict.TIMED_OUT),
        (Mode.SILENT_TUNNEL, EgressVerdict.TIMED_OUT),
        (Mode.ACCEPT_THEN_CLOSE, EgressVerdict.FAILED),
    ],
)
async def test_each_fault_is_named(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
    verdict: EgressVerdict,
) -> None:
    monkeypatch.setattr("admin.egress_trial.PATIENCE", 0.5)
    ca = CertificateAuthority(tmp_path)
    async with upstream(ca.server(MAIN_HOST)) as served, EgressProxy("http", {}, mode=mode) as one:
        trials = EgressTrials(_leading_to(served.address, settings, ca))
        assert (await asyncio.to_thread(trials, one.spec)).verdict is verdict


async def test_a_certificate_of_somebody_else_is_named(settings: Settings, tmp_path: Path) -> None:
    ca = CertificateAuthority(tmp_path)
    async with upstream(ca.server("evil.example")) as served, EgressProxy("http", {}) as one:
        trials = EgressTrials(_leading_to(served.address, settings, ca))
        trial = await asyncio.to_thread(trials, one.spec)
    assert trial.verdict is EgressVerdict.NOT_TRUSTED


def _leading_to(address: tuple[str, int], settings: Settings, ca: CertificateAuthority) -> Settings:
    table = tuple(parse_connect_to(f"*:443={address[0]}:{address[1]}"))
    return replace(settings, grok_connect_to=table, grok_ca_file=ca.file)
