"""`doctor`: looks at everything between this machine and Grok, and says what to do.

Works while the mirror runs and while it does not, and changes nothing: a database of an older
version is not migrated, a missing key not made.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import db
from admin.doctor.examination import Patient, examine
from api_bridge.trial_turn import ask_once
from core.doctor.findings import Finding, as_json, count_levels, has_failed
from core.doctor.machine import DatabaseFacts
from core.doctor.saying import Level
from core.settings import Settings
from supervisor import banner
from supervisor.cast_list import secrets_of
from supervisor.redaction import Redactor
from supervisor.running_note import running_wiring
from supervisor.versions import too_old

_MARKS = {
    Level.OK: "ok  ",
    Level.WARN: "WARN",
    Level.FAIL: "FAIL",
    Level.SKIPPED: "-   ",
}


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """0 when nothing failed, 1 otherwise."""
    wiring = running_wiring(settings.data_dir)
    database = db.examine_database(settings)
    redact = Redactor(secrets_of(settings, wiring.secret if wiring else ""))
    with _opened(settings, database) as is_open:
        patient = Patient(
            settings=settings,
            wiring=wiring,
            database=database,
            is_open=is_open,
            version_problems=tuple(too_old()),
            ask_once=partial(ask_once, wiring, settings) if asked.ask and wiring else None,
        )
        found = []
        for finding in examine(patient, asked.seconds):
            found.append(finding)
            if not asked.json:
                banner.show(redact(_line(finding)))
    report = json.dumps(as_json(found), ensure_ascii=False, indent=2) if asked.json else ""
    banner.show(redact(report or _summary(found)))
    return 1 if has_failed(found) else 0


@contextmanager
def _opened(settings: Settings, database: DatabaseFacts) -> Iterator[bool]:
    """Only where opening it changes nothing."""
    is_open = database.is_usable and settings.secret_key_file.exists()
    try:
        if is_open:
            db.open_database(settings)
    except db.StorageError:
        is_open = False  # what is wrong with it is in the facts
    try:
        yield is_open
    finally:
        db.close_database()


def _line(finding: Finding) -> str:
    zh, en = finding.said("zh"), finding.said("en")
    title = " / ".join(dict.fromkeys((finding.title("zh"), finding.title("en"))))
    lines = [f"{_MARKS[finding.level]}  {title}: {' / '.join(dict.fromkeys((zh, en)))}"]
    if finding.level is not Level.OK:
        advice = dict.fromkeys((finding.advice("zh"), finding.advice("en")))
        lines += [f"        → {text}" for text in advice if text]
    return "\n".join(lines)


def _summary(found: list[Finding]) -> str:
    counts = count_levels(found)
    return (
        f"\n正常 ok {counts['ok']} · 警告 warnings {counts['warn']} · "
        f"失败 failed {counts['fail']} · 未测 not tested {counts['skipped']}"
    )
