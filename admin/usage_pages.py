"""How much is used, by whom and on which accounts: totals, a chart drawn here, and the same as a
table; a page of its own, and a part of others."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

import db
from admin.language import text
from admin.names import NOBODY, Name, Names, callers_named
from core.usage import SPANS, Series, begins, series

PAGE = "/admin/usage"
MOST_RANKED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a chart shows; `paths` lead to the same in each span."""

    series: Series
    paths: dict[str, str]
    records: str
    """Where its requests are listed."""


@dataclass(frozen=True, slots=True)
class Rank:
    """One of those that ask, or are asked, most; `percent` of the first."""

    name: Name
    path: str
    requests: int
    failures: int
    percent: int


def create_usage_pages() -> Blueprint:
    """The page."""
    pages = Blueprint("usage", __name__, url_prefix=PAGE)
    pages.get("")(show_usage)
    return pages


def asked_span() -> str:
    """The span in this request's address."""
    said = request.args.get("span", "")
    return said if said in SPANS else next(iter(SPANS))


def usage_of(*, account_id: int | None = None, caller: str | None = None) -> Usage:
    """Of one account, of one caller, or of all; in the span this request's address names."""
    now, span = time.time(), asked_span()
    totals = db.load_hour_totals(begins(span, now), account_id=account_id, caller=caller)
    asked: dict[str, object] = {} if caller is None else {"caller": caller or NOBODY}
    if account_id is not None:
        asked = {"account": account_id}
    return Usage(
        series=series(span, totals, now),
        paths={one: f"{request.path}?{urlencode(asked | {'span': one})}" for one in SPANS},
        records=f"/admin/records?{urlencode(asked | {'span': span})}",
    )


def show_usage() -> str:
    """Everything, or one caller, who may also be named."""
    said = request.args.get("caller", "").strip()[:100]
    callers = callers_named(said)
    caller = None if callers is None else (callers or [said])[0]
    since = begins(asked_span(), time.time())
    accounts = db.busiest_accounts(since, MOST_RANKED, caller=caller)
    names = Names.load([account_id for account_id, _, _ in accounts])
    return render_template(
        "usage.html",
        usage=usage_of(caller=caller),
        who=_who(names, said, callers),
        callers=[]
        if callers is not None
        else _callers(db.busiest_callers(since, MOST_RANKED), names),
        accounts=_accounts(accounts, names),
    )


def _who(names: Names, said: str, callers: Sequence[str] | None) -> str:
    if callers is None:
        return ""
    return names.caller(callers[0]).text if callers else said


def _callers(found: Sequence[tuple[str, int, int]], names: Names) -> list[Rank]:
    most = max((requests for _, requests, _ in found), default=1)
    return [
        Rank(names.caller(code), f"{PAGE}?caller={code or NOBODY}", n, bad, round(100 * n / most))
        for code, n, bad in found
    ]


def _accounts(found: Sequence[tuple[int, int, int]], names: Names) -> list[Rank]:
    most = max((requests for _, requests, _ in found), default=1)
    ranks = []
    for account_id, requests, failures in found:
        name = names.account(account_id) if account_id else Name(text("account_none"))
        ranks.append(Rank(name, name.path, requests, failures, round(100 * requests / most)))
    return ranks
