"""Invitations: a code that several people may make themselves a user with."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.mirror_address import mirror_address
from admin.notices import Notice
from admin.people_form import KNOWN_MODES, wishes_of_form
from admin.people_links import LIFETIMES
from admin.responses import see_other
from core.invite import parse_span, parse_uses
from core.settings import Settings
from core.user import UserRules, tidy_note

LIST = "/admin/invites"


def create_invite_pages(desk: Desk, settings: Settings) -> Blueprint:
    """The page and its buttons."""
    pages = Blueprint("invites", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.post("")(_make(desk, settings))
    pages.post("/<int:invite_id>/end")(_end(desk))
    return pages


def show_list(problem: str = "") -> str:
    """Every invitation, newest first."""
    now = time.time()
    pools = db.load_pools()
    names = {pool.id: pool.name for pool in pools}
    invites = db.load_invites()
    return render_template(
        "invites.html",
        invites=invites,
        is_open={invite.id: invite.is_open(now) for invite in invites},
        pools_of={
            one.id: [names[pool] for pool in sorted(one.rules.pools) if pool in names]
            for one in invites
        },
        pools=pools,
        modes=KNOWN_MODES,
        lifetimes=LIFETIMES,
        problem=problem,
    )


def _make(desk: Desk, settings: Settings) -> Callable[[], Response]:
    def make() -> Response:
        form = request.form
        try:
            stay = form.get("stay", "").strip()
            invite, code = db.make_invite(
                time.time(),
                parse_span(form.get("lasts", "7d")),
                parse_uses(form.get("uses", "1")),
                note=tidy_note(form.get("note", "")),
                user_seconds=parse_span(stay) if stay else None,
                rules=wishes_of_form().rules(UserRules()),
            )
        except ValueError as problem:
            return make_response(show_list(str(problem)), 400)
        link = f"{mirror_address(settings)}/-/join?code={code}"
        values: dict[str, object] = {"uses": invite.uses_left}
        desk.notices.leave(Notice(tone="ok", key="invite_made", values=values, secret=link))
        return see_other(LIST)

    return make


def _end(desk: Desk) -> Callable[[int], Response]:
    def end(invite_id: int) -> Response:
        if not db.end_invite(invite_id):
            abort(404)
        desk.notices.leave(Notice(tone="ok", key="invite_ended"))
        return see_other(LIST)

    return end
