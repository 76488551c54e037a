"""What `run.py import` and `export` say, in both languages; it expects an open database.

Bad entries are named by line or item and never repeated; arguments, terminals and exit codes are
`supervisor.moving_accounts`' affair.
"""

import db
from admin.account_texts import ACCOUNT_TEXTS
from core.account_export import FORMATS
from core.account_import import Outcome, Recognised

_MOST_PROBLEMS = 50
_PROBLEMS = (Outcome.MALFORMED, Outcome.SKIPPED)
_UNITS = {"line": "第 {place} 行 / line {place}", "item": "第 {place} 项 / item {place}"}
_WORDS = {Outcome.NEW: "新增 / added", Outcome.UPDATED: "更新 / updated"} | {
    outcome: " / ".join((ACCOUNT_TEXTS[f"outcome_{outcome.value}"][0], outcome.value))
    for outcome in (Outcome.DUPLICATE, *_PROBLEMS)
}


def preview(recognised: Recognised) -> tuple[str, db.ImportReport]:
    """What an import would do, and its report."""
    report = db.plan_import(recognised.findings)
    head = f"预览 / preview ({recognised.format})"
    return "\n".join(
        [head, f"  {_counts(report, 'to be ')}", *problems(recognised, report)]
    ), report


def result(report: db.ImportReport) -> str:
    """What an import has done."""
    return _counts(report)


def problems(recognised: Recognised, report: db.ImportReport) -> list[str]:
    """One line for each entry that will not come in."""
    unit = _UNITS[recognised.unit]
    lines = [
        f"  {unit.format(place=one.place)}: {_WORDS[one.outcome]}: {_reason(one)}"
        for one in report.results
        if one.outcome in _PROBLEMS
    ]
    rest = len(lines) - _MOST_PROBLEMS
    return lines[:_MOST_PROBLEMS] + ([f"  … {rest}"] if rest > 0 else [])


def exported(format_: str) -> tuple[str, int]:
    """The text of an export, and how many accounts are in it."""
    accounts = db.export_accounts()
    return FORMATS[format_](accounts), len(accounts)


def _counts(report: db.ImportReport, tense: str = "") -> str:
    words = {outcome: _WORDS[outcome].replace("/ ", f"/ {tense}") for outcome in _WORDS}
    if tense:
        words |= {one: _WORDS[one] for one in (Outcome.DUPLICATE, *_PROBLEMS)}
    return "  ".join(f"{word}: {report.count(outcome)}" for outcome, word in words.items())


def _reason(one: db.ImportResult) -> str:
    if one.reason is None:
        return ""
    return " / ".join(ACCOUNT_TEXTS[f"reason_{one.reason.name.lower()}"])
