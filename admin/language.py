"""Which of the two languages a page speaks: `?lang=`, then the cookie, then the browser's wish."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request

from admin.texts import LANGUAGES, TEXTS
from core.error_page import LANGUAGE_COOKIE


def speak(app: Flask) -> None:
    """Give templates `t`, `lang` and `html_lang`, and keep a choice made with `?lang=`."""
    app.context_processor(_words)
    app.after_request(_keep_choice)


def current_language() -> str:
    """`zh` or `en`; Chinese for a browser that asks for neither."""
    for wish in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"


def text(key: str, **values: object) -> str:
    """The text of this key in the page's language."""
    return TEXTS[key][LANGUAGES.index(current_language())].format(**values)


def _words() -> dict[str, Any]:
    language = current_language()
    other = {"zh": "en", "en": "zh"}[language]
    return {
        "t": text,
        "lang": language,
        "html_lang": {"zh": "zh-CN", "en": "en"}[language],
        "other_lang": other,
        "other_lang_url": f"?{urlencode({**request.args, 'lang': other})}",
    }


def _keep_choice(response: Response) -> Response:
    wish = request.args.get("lang")
    if wish in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, wish, max_age=31_536_000, samesite="Lax", httponly=True, path="/"
        )
    return response
