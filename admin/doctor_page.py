"""`/admin/doctor`: one button, and a report that grows while the checks are made.

The page is sent piece by piece, so it needs no script; whoever reloads sees the same round again.
"""

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request, stream_template

import db
from admin.doctor.examination import Patient, examine
from admin.doctor.grok import AskOnce
from admin.doctor.rounds import Round, Rounds
from admin.language import current_language
from admin.responses import see_other
from core.doctor.findings import Finding, count_levels, in_order, worst
from core.settings import Settings
from core.wiring import Wiring

PATH = "/admin/doctor"


def create_doctor_page(
    settings: Settings, wiring: Wiring | None, ask_once: AskOnce | None
) -> Blueprint:
    """The page and its button."""
    pages, rounds = Blueprint("doctor", __name__, url_prefix=PATH), Rounds()
    pages.get("")(_show(rounds, may_ask=ask_once is not None))
    pages.post("")(_start(rounds, settings, wiring, ask_once))
    return pages


def _show(rounds: Rounds, *, may_ask: bool) -> Callable[[], Response]:
    def show() -> Response:
        shown = rounds.last
        page = stream_template(
            "doctor.html",
            round=shown,
            findings=_findings(shown) if shown else (),
            summary=lambda: _summary(shown),
            language=current_language(),
            may_ask=may_ask,
        )
        response = Response(page, mimetype="text/html")
        response.headers["X-Accel-Buffering"] = "no"  # a proxy in front must not hold it back
        return response

    return show


def _start(
    rounds: Rounds, settings: Settings, wiring: Wiring | None, ask_once: AskOnce | None
) -> Callable[[], Response]:
    def start() -> Response:
        wants_turn = bool(request.form.get("ask"))

        def look() -> Iterator[Finding]:
            patient = Patient(
                settings=settings,
                wiring=wiring,
                database=db.examine_database(settings),
                is_open=True,
                ask_once=ask_once if wants_turn else None,
            )
            return examine(patient)

        rounds.start(look)
        return see_other(PATH)

    return start


def _findings(shown: Round) -> Iterator[Finding]:
    """In their order once all are known, as they come before that."""
    return iter(in_order(shown.found)) if shown.is_over else shown.watch()


def _summary(shown: Round | None) -> dict[str, object]:
    found = shown.found if shown else []
    return {"level": worst(found).value, "counts": count_levels(found)}
