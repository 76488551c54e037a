"""The library of egresses: how each is doing, and what the operator may do. An address is shown
masked; what signs in to it never comes out again."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.egress_trial import TryEgress
from admin.language import text
from admin.notices import Notice
from admin.responses import see_other
from core.egress import Egress, after_failure, parse_pool
from core.egress_trial import EgressTrial, EgressVerdict

LIST = "/admin/egresses"
MOST_ADDED = 1000


def create_egress_pages(desk: Desk, try_egress: TryEgress) -> Blueprint:
    """The page and its buttons."""
    pages = Blueprint("egresses", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.post("")(_add(desk))
    pages.post("/<int:egress_id>")(_act(desk, try_egress))
    return pages


def show_list(problems: tuple[str, ...] = ()) -> str:
    """Every egress with its health and what leaves by it."""
    now = time.time()
    egresses = db.load_egresses()
    return render_template(
        "egresses.html",
        egresses=egresses,
        health={egress.id: _health(egress, now) for egress in egresses},
        errors=db.egress_errors(),
        bound=db.count_accounts_by_egress(),
        problems=problems,
    )


def _add(desk: Desk) -> Callable[[], Response]:
    def add() -> Response:
        try:
            specs = parse_pool(request.form.get("urls", ""))
        except ValueError as faults:  # each names the entry and repeats none of it
            return make_response(show_list(tuple(map(str, faults.args))), 400)
        if not specs:
            return make_response(show_list((text("egress_empty"),)), 400)
        for spec in specs[:MOST_ADDED]:
            db.add_egress(spec)
        count = min(len(specs), MOST_ADDED)
        desk.notices.leave(Notice(tone="ok", key="egress_added", values={"count": count}))
        return see_other(LIST)

    return add


def _act(desk: Desk, try_egress: TryEgress) -> Callable[[int], Response]:
    def act(egress_id: int) -> Response:
        egress = next((one for one in db.load_egresses() if one.id == egress_id), None)
        if egress is None:
            abort(404)
        match request.form.get("do"):
            case "test":
                desk.notices.leave(_test(egress, try_egress))
            case "enable" | "disable" as wish:
                db.set_egress(egress_id, enabled=wish == "enable")
                values: dict[str, object] = {"egress": egress.spec.masked}
                desk.notices.leave(Notice(tone="ok", key=f"egress_{wish}d", values=values))
            case "delete" if request.form.get("confirmed") == "yes":
                db.delete_egress(egress_id)
                values = {"egress": egress.spec.masked}
                desk.notices.leave(Notice(tone="ok", key="egress_deleted", values=values))
            case "delete":
                return make_response(_confirmation(egress))
            case _:
                abort(400)
        return see_other(LIST)

    return act


def _test(egress: Egress, try_egress: TryEgress) -> Notice:
    """What is found is what the proxy goes by, too."""
    trial = try_egress(egress.spec)
    now = time.time()
    if trial.carries:
        db.cool_egress(egress.id, 0.0, 0, "")
    else:
        after = after_failure(egress, now)
        db.cool_egress(egress.id, after.cooling_until, after.failures, f"test: {trial.verdict}")
    advice = (_tone(trial), f"{trial.milliseconds} ms", f"egress_advice_{trial.verdict}")
    return Notice(
        tone=_tone(trial),
        key=f"egress_verdict_{trial.verdict}",
        values={"egress": egress.spec.masked},
        lines=(advice,),
    )


def _tone(trial: EgressTrial) -> str:
    if trial.verdict is EgressVerdict.OK:
        return "ok"
    return "warn" if trial.carries else "bad"


def _health(egress: Egress, now: float) -> str:
    if not egress.enabled:
        return "off"
    return "resting" if egress.is_cooling(now) else "well"


def _confirmation(egress: Egress) -> str:
    others = [one for one in db.load_egresses() if one.id != egress.id]
    bound = db.count_accounts_by_egress().get(egress.id, 0)
    key = "confirm_egress_delete" if others else "confirm_last_egress_delete"
    return render_template(
        "confirm.html",
        key=key,
        what=text("egress_and_accounts", egress=egress.spec.masked, count=bound),
        target=f"{LIST}/{egress.id}",
        do="delete",
        fields=[],
        back=LIST,
    )
