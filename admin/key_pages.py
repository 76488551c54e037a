"""API keys: made, shown once with all that helps to use them, limited, switched off, renewed.

The text of a key is on one page in its life; afterwards nobody knows more than its beginning.
"""

import time
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.key_form import NUMBERS, KeyForm, KeyFormError, filled_in
from admin.language import text
from admin.mirror_address import api_address
from admin.notices import Notice
from admin.responses import see_other
from admin.usage_pages import usage_of
from core.api_key import ApiKey, Usage
from core.client_links import client_links, snippets
from core.settings import Settings

LIST = "/admin/keys"
MOST_LISTED = 1000


def create_key_pages(desk: Desk, settings: Settings) -> Blueprint:
    """The pages, with what they share."""
    pages = Blueprint("keys", __name__, url_prefix=LIST)
    pages.add_url_rule("", "show_list", lambda: _list(settings))
    pages.post("")(_add(desk, settings))
    pages.add_url_rule("/<int:key_id>", "show_one", lambda key_id: _one(settings, key_id))
    pages.post("/<int:key_id>")(_act(desk, settings))
    return pages


def key_state(key: ApiKey, now: float) -> str:
    """One word for the operator: `on`, `off` or `over`."""
    if not key.enabled:
        return "off"
    ends = key.rules.expires_at
    return "over" if ends is not None and ends <= now else "on"


def _list(settings: Settings, problem: str = "") -> str:
    now = time.time()
    keys = db.load_api_keys()
    return render_template(
        "keys.html",
        keys=keys[-MOST_LISTED:][::-1],
        states={key.id: key_state(key, now) for key in keys},
        usage=db.api_keys_usage(now),
        limits={key.id: _limits(key) for key in keys},
        nothing=Usage(),
        owners=_owners(),
        has_env_keys=bool(settings.authorization),
        base_url=api_address(settings),
        is_on=settings.enable_mirror_api,
        problem=problem,
        **_fields(request.form if problem else {}),
    )


def _one(settings: Settings, key_id: int, problem: str = "") -> str:
    now, key = time.time(), _key(key_id)
    return render_template(
        "key.html",
        key=key,
        state=key_state(key, now),
        calls=db.api_key_usage(key_id, now),
        usage=usage_of(caller=f"key:{key_id}"),
        owners=_owners(),
        base_url=api_address(settings),
        problem=problem,
        **_fields(request.form if problem else filled_in(key), key),
    )


def _limits(key: ApiKey) -> list[str]:
    numbers = {name: getattr(key.rules, name) for name in NUMBERS}
    told = [text(f"key_short_{name}", count=n) for name, n in numbers.items() if n is not None]
    return [*told, *key.rules.models]


def _fields(filled: Mapping[str, str], key: ApiKey | None = None) -> dict[str, object]:
    """What the form wants: its values, and what can be chosen."""
    names = ("name", "models", "expires", "networks", *NUMBERS)
    return {
        "filled": {name: filled.get(name, "") for name in names},
        "numbers": NUMBERS,
        "pools": db.load_pools(),
        "chosen_pools": key.rules.pools if key else frozenset(),
        "chosen_user": key.user_id if key else None,
        "users": db.load_users()[:MOST_LISTED],
    }


def _add(desk: Desk, settings: Settings) -> Callable[[], Response]:
    def add() -> Response:
        now = time.time()
        try:
            form = KeyForm.parse(request.form, now)
            key, secret = db.add_api_key(form.name, form.rules, now, user_id=form.user_id)
        except (KeyFormError, db.ApiKeyExistsError) as problem:
            return make_response(_list(settings, _said(problem)), 400)
        desk.notices.leave(_shown_once("key_made", key, secret, settings))
        return see_other(f"{LIST}/{key.id}")

    return add


def _act(desk: Desk, settings: Settings) -> Callable[[int], Response]:
    def act(key_id: int) -> Response:
        key = _key(key_id)
        match request.form.get("do"):
            case "enable" | "disable" as wish:
                db.set_api_key_enabled(key_id, enabled=wish == "enable")
                desk.notices.leave(_told(key, f"key_{wish}d"))
            case "rotate" | "delete" as wish if request.form.get("confirmed") != "yes":
                return make_response(_confirmation(key, wish))
            case "rotate":
                secret = db.rotate_api_key(key_id)
                desk.notices.leave(_shown_once("key_rotated", key, secret, settings))
            case "delete":
                db.delete_api_key(key_id)
                desk.notices.leave(_told(key, "key_deleted"))
                return see_other(LIST)
            case "save":
                return _save(desk, settings, key)
            case _:
                abort(400)
        return see_other(f"{LIST}/{key_id}")

    return act


def _save(desk: Desk, settings: Settings, key: ApiKey) -> Response:
    try:
        form = KeyForm.parse(request.form, time.time(), key)
        db.change_api_key(key.id, form.name, form.rules, user_id=form.user_id)
    except (KeyFormError, db.ApiKeyExistsError) as problem:
        return make_response(_one(settings, key.id, _said(problem)), 400)
    desk.notices.leave(Notice(tone="ok", key="account_saved"))
    return see_other(f"{LIST}/{key.id}")


def _said(problem: ValueError) -> str:
    return text("key_exists") if isinstance(problem, db.ApiKeyExistsError) else str(problem)


def _told(key: ApiKey, what: str) -> Notice:
    return Notice(tone="ok", key=what, values={"name": key.name})


def _shown_once(what: str, key: ApiKey, secret: str, settings: Settings) -> Notice:
    base_url = api_address(settings)
    return Notice(
        tone="ok",
        key=what,
        values={"name": key.name},
        secret=secret,
        links=client_links(secret, base_url),
        snippets=snippets(secret, base_url),
    )


def _confirmation(key: ApiKey, wish: str) -> str:
    return render_template(
        "confirm.html",
        key=f"confirm_key_{wish}",
        what=f"“{key.name}”",
        target=f"{LIST}/{key.id}",
        do=wish,
        fields=[],
        back=f"{LIST}/{key.id}",
    )


def _key(key_id: int) -> ApiKey:
    key = db.load_api_key(key_id)
    if key is None:
        abort(404)
    return key


def _owners() -> dict[int, str]:
    return {user.id: user.display_name for user in db.load_users()}
