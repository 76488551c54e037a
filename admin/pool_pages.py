"""The pools: named lists of accounts that users and API keys are tied to."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.language import text
from admin.notices import Notice
from admin.responses import see_other
from core.pools import Pool, PoolNameError
from core.user import tidy_note

LIST = "/admin/pools"


def create_pool_pages(desk: Desk) -> Blueprint:
    """The page and its buttons."""
    pages = Blueprint("pools", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.post("")(_add(desk))
    pages.post("/<int:pool_id>")(_act(desk))
    return pages


def show_list(problem: str = "") -> str:
    """Every pool, how many accounts are in it, and who is tied to it."""
    pools, members = db.load_pools(), db.pool_members()
    return render_template(
        "pools.html",
        pools=pools,
        sizes={pool.id: len(members.get(pool.id, ())) for pool in pools},
        uses={pool.id: db.pool_uses(pool.id) for pool in pools},
        problem=problem,
    )


def _add(desk: Desk) -> Callable[[], Response]:
    def add() -> Response:
        try:
            note = tidy_note(request.form.get("note", ""))
            pool = db.add_pool(request.form.get("name", ""), note)
        except ValueError as problem:
            return _refused(problem)
        desk.notices.leave(_said(pool.name, "pool_added"))
        return see_other(LIST)

    return add


def _act(desk: Desk) -> Callable[[int], Response]:
    def act(pool_id: int) -> Response:
        pool = _pool(pool_id)
        deed = {"save": _save, "delete": _delete}.get(request.form.get("do", ""))
        if deed is None:
            abort(400)
        try:
            desk.notices.leave(deed(pool))
        except ValueError as problem:
            return _refused(problem)
        return see_other(LIST)

    return act


def _save(pool: Pool) -> Notice:
    name = request.form.get("name", "")
    db.change_pool(pool.id, name=name, note=tidy_note(request.form.get("note", "")))
    return _said(name, "pool_saved")


def _delete(pool: Pool) -> Notice:
    heir = request.form.get("heir", "")
    others = {str(other.id): other.id for other in db.load_pools() if other.id != pool.id}
    db.delete_pool(pool.id, heir=others.get(heir))
    return _said(pool.name, "pool_deleted")


def _refused(problem: ValueError) -> Response:
    match problem:
        case PoolNameError():
            told = text("pool_name_wrong")
        case db.PoolExistsError():
            told = text("pool_exists")
        case db.PoolInUseError():
            told = text("pool_in_use")
        case _:
            told = str(problem)
    return make_response(show_list(told), 400)


def _said(name: str, key: str) -> Notice:
    return Notice(tone="ok", key=key, values={"name": name})


def _pool(pool_id: int) -> Pool:
    return next((pool for pool in db.load_pools() if pool.id == pool_id), None) or abort(404)
