"""Imports: planned, done at once, done twice; and the way out again."""

import json
import threading
import time

import pytest
from cryptography.fernet import Fernet

import db
from core.account import AccountStatus
from core.account_export import as_json
from core.account_import import Finding, Outcome, Reason, recognise
from core.settings import Settings
from core.sso_token import parse_pasted
from db.tables import AccountRow
from tests.core.test_account_import import token


def found(*entries: dict[str, object]) -> tuple[Finding, ...]:
    return recognise(json.dumps(list(entries))).findings


def one(number: int, **hints: object) -> dict[str, object]:
    return {"sso_token": token(number), **hints}


def outcomes(report: db.ImportReport) -> list[str]:
    return [result.outcome.value for result in report.results]


def test_a_plan_says_what_the_import_then_does_and_changes_nothing(opened: Settings) -> None:
    db.add_account(parse_pasted(token(1)))
    findings = found(one(1), one(2), one(2), {"email": "no@token.example"})
    before = db.revision()
    planned = db.plan_import(findings)
    assert outcomes(planned) == ["duplicate", "new", "duplicate", "malformed"]
    assert planned.would_change
    assert (db.revision(), len(db.load_accounts())) == (before, 1)
    done = db.import_accounts(findings)
    assert outcomes(done) == outcomes(planned)
    assert done.results[1].account_id == 2
    assert done.results[3].reason is Reason.NO_TOKEN
    assert db.revision() == before + 1


def test_everything_that_is_known_is_kept(opened: Settings) -> None:
    entry = one(
        1,
        name="car",
        email="a@example.com",
        cookies={"cf_clearance": "cf", "sso-rw": token(9)},
        user_agent="UA",
        user_id="u-1",
        tier="super",
        tags=["x", "y z"],
        note="memo",
        pool="甲",
        enabled=False,
    )
    db.import_accounts(found(entry))
    (account,) = db.load_accounts()
    assert account.sso_token == token(1)
    assert account.extra_cookies == {"cf_clearance": "cf", "sso-rw": token(9)}
    assert (account.name, account.email, account.user_agent) == ("car", "a@example.com", "UA")
    assert (account.upstream_user_id, account.tier, account.enabled) == ("u-1", "super", False)
    assert account.remark == "memo · 甲"
    assert account.tags == ("x", "y-z")
    (exported,) = db.export_accounts()
    assert exported.tags == account.tags


def test_a_second_import_changes_nothing(opened: Settings) -> None:
    findings = found(one(1), one(2, user_id="u"), one(3, user_id="u"))
    assert outcomes(db.import_accounts(findings)) == ["new", "skipped", "new"]
    before = db.revision()
    again = db.import_accounts(findings)
    assert outcomes(again) == ["duplicate", "skipped", "duplicate"]
    assert not again.would_change
    assert db.revision() == before


def test_the_same_grok_user_gets_the_newer_token(opened: Settings) -> None:
    db.import_accounts(found(one(1, user_id="u", name="mine", sso_rw=token(8), note="memo")))
    db.mark_account(1, AccountStatus.SIGNED_OUT, "dead")
    db.save_jar(1, {"sso": "old"})
    report = db.import_accounts(found(one(2, user_id="u", name="theirs", note="other")))
    assert outcomes(report) == ["updated"]
    (account,) = db.load_accounts()
    assert (account.id, account.name, account.remark) == (1, "mine", "memo")
    assert account.sso_token == token(2)
    assert account.status is AccountStatus.UNKNOWN
    assert (dict(account.jar), dict(account.extra_cookies), account.reason) == ({}, {}, "")
    assert db.find_account_by_token(token(1)) is None


def test_importing_a_deleted_account_brings_it_back(opened: Settings) -> None:
    db.import_accounts(found(one(1)))
    AccountRow.update(deleted_at=time.time()).execute()
    assert outcomes(db.import_accounts(found(one(1)))) == ["updated"]
    assert [account.id for account in db.load_accounts()] == [1]


def test_ids_are_never_given_twice(opened: Settings) -> None:
    db.import_accounts(found(one(1), one(2)))
    AccountRow.delete().where(AccountRow.id == 2).execute()
    db.import_accounts(found(one(3)))
    assert db.add_account(parse_pasted(token(4))).id == 4
    assert [account.id for account in db.load_accounts()] == [1, 3, 4]
    assert [account.name for account in db.load_accounts()] == ["grok-01", "grok-03", "grok-04"]


def test_all_or_nothing(opened: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**values: object) -> None:
        raise RuntimeError

    db.import_accounts(found(one(1, user_id="u")))
    monkeypatch.setattr(AccountRow, "update", broken)
    with pytest.raises(RuntimeError):
        db.import_accounts(found(one(2), one(3, user_id="u")))
    assert [account.sso_token for account in db.load_accounts()] == [token(1)]


def test_two_at_once_do_not_double_an_account(opened: Settings) -> None:
    def work() -> None:
        reports.append(db.import_accounts(findings))
        db.release_connection()

    findings = found(*(one(number) for number in range(300)))
    reports: list[db.ImportReport] = []
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.count(Outcome.NEW) for report in reports) == 300
    assert len(db.load_accounts()) == 300


def test_a_key_changed_meanwhile_seals_again(opened: Settings) -> None:
    def rotate(done: int, total: int) -> None:
        if not changed:
            changed.append(1)
            opened.secret_key_file.write_text(Fernet.generate_key().decode() + "\n" + old)

    changed: list[int] = []
    old = opened.secret_key_file.read_text()
    db.import_accounts(found(one(1)), rotate)
    assert db.count_old_seals() == 0
    assert db.load_accounts()[0].sso_token == token(1)


def test_progress_is_told(opened: Settings) -> None:
    told: list[tuple[int, int]] = []
    findings = found(*(one(number) for number in range(450)))
    db.import_accounts(findings, lambda done, total: told.append((done, total)))
    assert told[0] == (200, 450)
    assert told[-1] == (450, 450)


def test_what_is_exported_imports_as_what_is_there(opened: Settings) -> None:
    db.import_accounts(found(one(1, name="=x", note="memo", enabled=False), one(2, user_id="u")))
    text = as_json(db.export_accounts())
    assert outcomes(db.plan_import(recognise(text).findings)) == ["duplicate", "duplicate"]
    kept = db.export_accounts()
    AccountRow.delete().execute()
    db.import_accounts(recognise(text).findings)
    assert [(a.sso_token, a.name, a.note, a.enabled) for a in db.export_accounts()] == [
        (a.sso_token, a.name, a.note, a.enabled) for a in kept
    ]


@pytest.mark.loop
@pytest.mark.sqlite
def test_ten_thousand_within_twenty_seconds(opened: Settings) -> None:
    data = "\n".join(token(number) for number in range(10_000))
    started = time.monotonic()
    report = db.import_accounts(db.recognise_accounts(data).findings)
    assert time.monotonic() - started < 20
    assert report.count(Outcome.NEW) == 10_000
    stored = b"".join(path.read_bytes() for path in opened.data_dir.glob("grok-mirror.db*"))
    assert b"eyJ0eXAi" not in stored
