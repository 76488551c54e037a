"""The operator's import: paste or file, a preview, then his word; tokens only ever come in.

Who may see it, and from which origin, the console's door has decided already.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request

import db
from admin.account_lines import masked_email
from admin.account_texts import ACCOUNT_TEXTS
from admin.language import text
from admin.pending_imports import PendingImports
from core.account_import import Finding, ImportedAccount, Outcome, Recognised
from core.sso_token import masked

LARGEST = 16 * 1024 * 1024
_MOST_ROWS = 200
# What needs a look comes first.
_ORDER = (Outcome.MALFORMED, Outcome.SKIPPED, Outcome.UPDATED, Outcome.NEW, Outcome.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Row:
    """One finding as the table shows it, masked."""

    place: int
    name: str
    email: str
    token: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A report as the page shows it."""

    format: str
    unit: str
    counts: dict[str, int]
    rows: list[Row]
    rest: int

    @property
    def changes(self) -> int:
        return self.counts["new"] + self.counts["updated"]


def create_import_pages() -> Blueprint:
    """`/admin/import`, for the operator's app."""
    pages = Blueprint("import_page", __name__, url_prefix="/admin/import")
    pending = PendingImports()
    pages.add_url_rule("", "form", _form)
    pages.add_url_rule("", "preview", _preview(pending), methods=["POST"])
    pages.add_url_rule("/confirm", "confirm", _confirm(pending), methods=["POST"])
    return pages


def _form(problem: str = "", status: int = 200) -> Response:
    return make_response(render_template("import.html", problem=problem), status)


def _preview(pending: PendingImports) -> Callable[[], Response]:
    def preview() -> Response:
        data = _uploaded()
        if not data.strip():
            return _form(text("import_empty"), 400)
        recognised = db.recognise_accounts(data)
        shown = _shown(recognised, db.plan_import(recognised.findings))
        number = pending.keep(recognised, time.time()) if shown.changes else ""
        return make_response(render_template("import_report.html", shown=shown, number=number))

    return preview


def _confirm(pending: PendingImports) -> Callable[[], Response]:
    def confirm() -> Response:
        recognised = pending.take(request.form.get("number", ""), time.time())
        if recognised is None:
            return _form(text("import_expired"), 409)
        shown = _shown(recognised, db.import_accounts(recognised.findings))
        return make_response(render_template("import_report.html", shown=shown, number=None))

    return confirm


def _uploaded() -> bytes | str:
    request.max_content_length = LARGEST + 65_536
    request.max_form_memory_size = LARGEST
    file = request.files.get("file")
    data = file.read() if file else b""
    return data or request.form.get("text", "")


def _shown(recognised: Recognised, report: db.ImportReport) -> Shown:
    counted = Counter(result.outcome.value for result in report.results)
    pairs = zip(recognised.findings, report.results, strict=True)
    ordered = sorted(pairs, key=lambda pair: _ORDER.index(pair[1].outcome))
    return Shown(
        format=_named(recognised.format),
        unit=recognised.unit,
        counts={outcome.value: counted[outcome.value] for outcome in Outcome},
        rows=[_row(finding, result) for finding, result in ordered[:_MOST_ROWS]],
        rest=max(0, len(ordered) - _MOST_ROWS),
    )


def _named(format_: str) -> str:
    """In the reader's language, unless the format's own name says it best."""
    key = f"format_{format_}"
    return text(key) if key in ACCOUNT_TEXTS else format_


def _row(finding: Finding, result: db.ImportResult) -> Row:
    found = finding if isinstance(finding, ImportedAccount) else None
    return Row(
        place=result.place,
        name=found.name if found else "",
        email=masked_email(found.email) if found and found.email else "",
        token=masked(found.sso_token) if found else "",
        outcome=result.outcome.value,
        reason=f"reason_{result.reason.name.lower()}" if result.reason else "",
    )
