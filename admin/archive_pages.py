"""The user's switch for copies of his conversations, and how he wipes them."""

import time

from flask import Blueprint, Response, render_template, request

import db
from admin.own_pages import current_user, require_session
from admin.responses import see_other


def create_archive_pages(megabytes: int) -> Blueprint:
    """For the users' app; without `megabytes` nothing can be switched on, only wiped."""
    pages = Blueprint("archive_pages", __name__)
    pages.before_request(require_session)
    pages.get("/-/me/archive/delete")(ask_to_delete)
    pages.post("/-/me/archive/delete")(delete)
    if megabytes:
        pages.post("/-/me/archive")(switch)
    return pages


def switch() -> Response:
    """Begin to make copies, or stop; those that are there stay."""
    db.set_archive(current_user().id, time.time(), on=request.form.get("do") == "on")
    return see_other("/-/me#archive")


def ask_to_delete() -> str:
    """It cannot be undone."""
    return render_template("archive_delete.html", count=len(db.list_archived(current_user().id)))


def delete() -> Response:
    """Switch it off and wipe it."""
    user_id = current_user().id
    db.set_archive(user_id, time.time(), on=False)
    db.delete_archive(user_id)
    return see_other("/-/me#archive")
