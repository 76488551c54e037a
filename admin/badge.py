"""`/-/me/badge`: what the badge on Grok's page shows, with its words in the reader's language."""

import time
from typing import Any

from flask import Blueprint, Response, jsonify

import db
from admin.language import current_language, text
from admin.library import account_names
from admin.own_pages import current_user, require_session
from core.allowance import left_of
from core.user import User

pages = Blueprint("badge", __name__)
pages.before_request(require_session)


@pages.get("/-/me/badge")
def badge() -> Response:
    """JSON; a browser without a session is sent to sign in and shows no badge."""
    user = current_user()
    car = account_names([user.account_id])[user.account_id] if user.account_id else ""
    return jsonify(
        {
            "car": car,
            "left": _left(user),
            "lang": "zh-CN" if current_language() == "zh" else "en",
            "words": {
                "label": text("badge_label"),
                "noCar": text("me_car_none"),
                "switch": text("change_car"),
                "mine": text("me_title"),
                "signOut": text("sign_out"),
                "hide": text("badge_hide"),
            },
        }
    )


def _left(user: User) -> dict[str, Any] | None:
    """What runs out first; None for somebody without a limit."""
    found = left_of(user.rules, db.user_usage(user.id, time.time()))
    if found is None:
        return None
    over, count = found
    key = "badge_left" if over == "day" else "badge_left_month"
    return {"count": count, "text": text(key, count=count)}
