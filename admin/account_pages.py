"""The operator's accounts: a list that finds one among many, a page for each, and what he may do.

Secrets go in and never come out; what can be undone asks nothing, what cannot asks once.
"""

import time
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import ACTIONS, MOST_UNDONE, Desk, Selection
from admin.account_form import AccountForm, FormError
from admin.account_lines import account_line
from admin.language import text
from admin.notices import Notice
from admin.quota_lines import all_quota_lines, quota_lines
from admin.responses import see_other
from admin.role_actions import ROLE_ACTIONS
from admin.role_form import RoleForm, RoleFormError
from admin.usage_pages import usage_of
from core.account import Account
from core.account_list import KEPT_DELETED_SECONDS, SIZES, AccountQuery, AccountState, Sort

LIST = "/admin/accounts"
MOST_SELECTED = 100_000
_ACTIONS = {**ACTIONS, **ROLE_ACTIONS}


def create_account_pages(desk: Desk) -> Blueprint:
    """The pages, with what they share."""
    pages = Blueprint("accounts", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.get("/<int:account_id>")(show_one)
    pages.post("/actions")(_act(desk))
    pages.post("/<int:account_id>")(_change(desk))
    pages.post("/<int:account_id>/role")(_change_role(desk))
    return pages


def show_list() -> str:
    """One page of the list, with chips, search and order."""
    now = time.time()
    query = AccountQuery.parse(request.args)
    page = db.list_accounts(query, now)
    egresses = {egress.id: egress for egress in db.load_egresses()}
    states = db.mode_states_of(account.id for account in page.accounts)
    return render_template(
        "accounts.html",
        query=query,
        page=page,
        quotas={number: quota_lines(found, now) for number, found in states.items()},
        lines=[account_line(a, page.users, egresses, now) for a in page.accounts],
        all_accounts=sum(n for state, n in page.states.items() if state != AccountState.DELETED),
        last_page=max(1, -(-page.total // query.size)),
        sizes=SIZES,
        sorts=list(Sort),
        states=[state for state in AccountState if state is not AccountState.DELETED],
        egresses=list(egresses.values()),
        pools=db.load_pools(),
    )


def show_one(account_id: int, problem: str = "") -> str:
    """Everything about one account but its secrets."""
    now = time.time()
    account = _account(account_id)
    users = {user.id: user for user in db.load_users()}
    egresses = {egress.id: egress for egress in db.load_egresses()}
    states = db.mode_states_of([account_id]).get(account_id, [])
    members = db.pool_members()
    riders = [user for user in users.values() if user.account_id == account_id]
    return render_template(
        "account.html",
        account=account,
        line=account_line(account, {account_id: len(riders)}, egresses, now),
        quotas=all_quota_lines(states, account_id, now),
        usage=usage_of(account_id=account_id),
        riders=riders[:50],
        in_pools=[p.name for p in db.load_pools() if account_id in members.get(p.id, ())],
        users=list(users.values())[:1000],
        egresses=list(egresses.values()),
        cookie_names=sorted(account.extra_cookies),
        purged_at=(account.deleted_at or 0.0) + KEPT_DELETED_SECONDS,
        problem=problem,
    )


def _act(desk: Desk) -> Callable[[], Response]:
    def act() -> Response:
        name, _, single = request.form.get("do", "").partition(":")
        action = _ACTIONS.get(name)
        if action is None:
            abort(400)
        query = AccountQuery.parse(request.form)
        ids = [int(single)] if single.isdecimal() else _selected(query)
        back = _back(query)
        if not ids:
            desk.notices.leave(Notice(tone="warn", key="nothing_selected"))
            return see_other(back)
        asks = action.confirm or (action.is_wide and len(ids) > MOST_UNDONE)
        if asks and request.form.get("confirmed") != "yes":
            return make_response(_confirmation(request.form["do"], ids, back))
        desk.notices.leave(action.run(desk, Selection(ids, request.form)))
        return see_other(LIST if action.leaves else back)

    return act


def _change(desk: Desk) -> Callable[[int], Response]:
    def change(account_id: int) -> Response:
        account = _account(account_id)
        try:
            AccountForm.parse(request.form).apply(account)
        except FormError as problem:
            return make_response(show_one(account_id, str(problem)), 400)
        desk.notices.leave(Notice(tone="ok", key="account_saved"))
        return see_other(f"{LIST}/{account_id}")

    return change


def _change_role(desk: Desk) -> Callable[[int], Response]:
    def change_role(account_id: int) -> Response:
        account = _account(account_id)
        try:
            RoleForm.parse(request.form).apply(account)
        except RoleFormError as problem:
            return make_response(show_one(account_id, str(problem)), 400)
        desk.notices.leave(Notice(tone="ok", key="account_saved"))
        return see_other(f"{LIST}/{account_id}")

    return change_role


def _selected(query: AccountQuery) -> list[int]:
    if request.form.get("all") == "yes":
        return db.matching_accounts(query, time.time())[:MOST_SELECTED]
    return [int(said) for said in request.form.getlist("id") if said.isdecimal()]


def _back(query: AccountQuery) -> str:
    """Where the click came from: the page of one account, or the list as it was."""
    one = request.form.get("one", "")
    return f"{LIST}/{one}" if one.isdecimal() else LIST + query.url(page=query.page).rstrip("?")


def _confirmation(do: str, ids: Sequence[int], back: str) -> str:
    account = db.load_deleted_account(ids[0]) if len(ids) == 1 else None
    return render_template(
        "confirm.html",
        key=f"confirm_{do.partition(':')[0]}",
        what=f"“{account.name}”" if account else text("accounts_counted", count=len(ids)),
        target=f"{LIST}/actions",
        do=do,
        fields=[pair for pair in request.form.items(multi=True) if pair[0] not in ("do", "one")],
        back=back,
    )


def _account(account_id: int) -> Account:
    account = db.load_deleted_account(account_id)
    if account is None:
        abort(404)
    return account
