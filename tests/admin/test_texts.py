"""Both languages, complete, and the one the reader wants."""

import re
import string
from pathlib import Path

import pytest

from admin.texts import TEXTS
from tests.admin.conftest import Browser

TEMPLATES = Path(__file__).parents[2] / "admin" / "templates"


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_it_with_the_same_values() -> None:
    for key, (zh, en) in TEXTS.items():
        assert zh.strip(), key
        assert en.strip(), key
        assert placeholders(zh) == placeholders(en), key
        if key not in ("brand", "other_language"):
            assert not re.search(r"[\u4e00-\u9fff]", en), key


def test_every_key_a_template_uses_exists() -> None:
    used = set()
    for template in TEMPLATES.glob("*.html"):
        used |= set(re.findall(r'\bt\("(\w+)"[,)]', template.read_text("utf-8")))
    assert used - set(TEXTS) == set()


@pytest.mark.parametrize(
    ("query", "accept", "lang"),
    [
        ("", "en-US,en;q=0.9", "en"),
        ("", "zh-TW", "zh-CN"),
        ("", "fr", "zh-CN"),
        ("", "", "zh-CN"),
        ("?lang=en", "zh", "en"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_language_is_the_readers(browser: Browser, query: str, accept: str, lang: str) -> None:
    browser.headers = {"Accept-Language": accept}
    assert f'<html lang="{lang}">' in browser.get(f"/-/sign-in{query}").text


def test_a_choice_is_kept(browser: Browser) -> None:
    browser.headers = {"Accept-Language": "zh"}
    browser.get("/-/sign-in?lang=en")
    browser.headers = {"Accept-Language": "zh", "Cookie": "mirror_lang=en"}
    assert '<html lang="en">' in browser.get("/-/sign-in").text


def test_changing_the_language_keeps_where_one_was_going(browser: Browser) -> None:
    page = browser.get("/-/sign-in?next=/imagine%3Fa%3D1&lang=en").text
    assert 'href="?next=%2Fimagine%3Fa%3D1&amp;lang=zh"' in page
