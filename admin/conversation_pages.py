"""`/-/me/conversations`: what a user has talked about, to read, to download and to go on with."""

import threading
import time
from collections.abc import Callable, Generator, Iterator

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.carry_on import CarryOn, CarryOnError
from admin.grok_history import HistoryError, Trouble
from admin.history_export import zip_pieces
from admin.language import text
from admin.library import Library, Listing, Read, account_names, is_alive
from admin.own_pages import current_user, require_session
from admin.responses import see_other
from core.conversation_files import FORMATS, TYPES, Format, file_name, pieces

A_PAGE = 50
MOST_SHOWN = 300
"""Messages of one conversation on its page."""


def create_conversation_pages(library: Library, carry_on: CarryOn) -> Blueprint:
    """For the users' app."""
    pages = Blueprint("conversation_pages", __name__)
    pages.before_request(require_session)
    pages.register_error_handler(HistoryError, _tell_trouble)
    desk = _Desk(library, carry_on)
    place = "/-/me/conversations/<int:account_id>/<conversation_id>"
    pages.get("/-/me/conversations")(desk.index)
    pages.post("/-/me/conversations/all.zip")(desk.everything)
    pages.get(place)(desk.one)
    pages.get(f"{place}/file.<format_>")(desk.file)
    pages.post(f"{place}/continue")(desk.go_on)
    pages.post(f"{place}/delete")(desk.delete_copy)
    return pages


class _Desk:
    """The pages; a user downloads everything once at a time."""

    def __init__(self, library: Library, carry_on: CarryOn) -> None:
        self._library, self._carry_on = library, carry_on
        self._downloading: set[int] = set()
        self._lock = threading.Lock()

    def index(self) -> str:
        """All of them, the last changed first."""
        return self._index()

    def everything(self) -> Response:
        """All as one ZIP file, made while it is sent."""
        format_, user_id = _format(request.form.get("format", "")), current_user().id
        with self._lock:
            if user_id in self._downloading:
                return make_response(self._index(text("export_running")), 429)
            self._downloading.add(user_id)
        made = zip_pieces(self._library, user_id, format_)
        response = Response(_Download(made, lambda: self._end(user_id)), mimetype="application/zip")
        name = time.strftime("grok-conversations-%Y%m%d.zip", time.gmtime())
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def one(self, account_id: int, conversation_id: str) -> Response:
        """One conversation, as text."""
        return _page(account_id, self._read(account_id, conversation_id))

    def file(self, account_id: int, conversation_id: str, format_: str) -> Response:
        """One as a file."""
        wanted, read = _format(format_), self._read(account_id, conversation_id)
        name = account_names([account_id])[account_id]
        response = make_response("".join(pieces(wanted, read.head, name, read.messages)))
        response.headers["Content-Type"] = f"{TYPES[wanted]}; charset=utf-8"
        response.headers.set(
            "Content-Disposition", "attachment", filename=file_name(read.head, wanted)
        )
        return response

    def go_on(self, account_id: int, conversation_id: str) -> Response:
        """In the user's present car, with the transcript as the first question."""
        read = self._read(account_id, conversation_id)
        try:
            return see_other(f"/c/{self._carry_on(current_user(), read)}")
        except CarryOnError as problem:
            return _page(account_id, read, str(problem), problem.status)

    def delete_copy(self, account_id: int, conversation_id: str) -> Response:
        """Forget one copy."""
        if not db.delete_archive(current_user().id, [(account_id, conversation_id)]):
            abort(404)
        return see_other("/-/me/conversations")

    def _read(self, account_id: int, conversation_id: str) -> Read:
        return self._library.read(current_user().id, account_id, conversation_id)

    def _index(self, problem: str = "") -> str:
        search, number = request.args.get("q", "").strip()[:100], _page_number()
        listing = self._library.list(current_user().id)
        found = [one for one in listing.items if search.casefold() in one.head.title.casefold()]
        start = A_PAGE * (number - 1)
        shown = found[start : start + A_PAGE]
        return render_template(
            "conversations.html",
            items=shown,
            names=account_names({one.account_id for one in shown}),
            troubles=_troubles(listing),
            unread=listing.unread,
            has_any=bool(listing.items),
            search=search,
            page=number,
            first=start + 1,
            total=len(found),
            has_more=len(found) > start + A_PAGE,
            problem=problem,
        )

    def _end(self, user_id: int) -> None:
        with self._lock:
            self._downloading.discard(user_id)


class _Download:
    """Told of its end whatever that was, also when it was never begun."""

    def __init__(self, made: Iterator[bytes], end: Callable[[], None]) -> None:
        self._made, self._end = made, end

    def __iter__(self) -> Iterator[bytes]:
        return self._made

    def close(self) -> None:
        """The server calls it."""
        if isinstance(self._made, Generator):
            self._made.close()
        self._end()


def _page(account_id: int, read: Read, problem: str = "", status: int = 200) -> Response:
    user = current_user()
    car = user.account_id if user.account_id and is_alive(user.account_id) else None
    names = account_names({account_id, *([car] if car else [])})
    page = render_template(
        "conversation.html",
        account_id=account_id,
        account=names[account_id],
        car=names[car] if car else "",
        is_here=car == account_id and read.archived_at is None,
        head=read.head,
        messages=read.messages[:MOST_SHOWN],
        most=MOST_SHOWN if len(read.messages) > MOST_SHOWN else 0,
        archived_at=read.archived_at,
        has_copy=db.has_copy(user.id, account_id, read.head.id),
        problem=problem,
    )
    return make_response(page, status)


def _tell_trouble(error: HistoryError) -> Response:
    account_id = (request.view_args or {}).get("account_id", 0)
    is_gone = error.trouble is Trouble.GONE
    said = text("conversation_gone_lead") if is_gone else _said(account_id, error.trouble)
    page = render_template("conversation_gone.html", is_gone=is_gone, said=said)
    return make_response(page, 404 if is_gone else 503)


def _troubles(listing: Listing) -> list[str]:
    return [_said(account_id, trouble) for account_id, trouble in listing.troubles.items()]


def _said(account_id: int, trouble: Trouble) -> str:
    return text(f"trouble_{trouble.value}", name=account_names([account_id])[account_id])


def _format(name: str) -> Format:
    found = next((known for known in FORMATS if known == name), None)
    return found or abort(400)


def _page_number() -> int:
    said = request.args.get("page", "")
    return max(1, int(said[:6])) if said.isascii() and said.isdecimal() else 1
