import json

import pytest

from core.error_page import html_page, json_error, prefers_chinese
from core.refusals import (
    BY_CODE,
    CHALLENGED,
    HOST_NOT_ALLOWED,
    KEPT_BY_THE_HOUSE,
    NOT_FOUND,
    UPSTREAM_TIMEOUT,
)


@pytest.mark.parametrize(
    ("header", "chinese"),
    [
        ("", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", True),
        ("en-US,en;q=0.9,zh;q=0.5", False),
        ("de", True),
    ],
)
def test_the_readers_language_comes_first(header, chinese):
    assert prefers_chinese(header) is chinese


@pytest.mark.parametrize(
    ("chosen", "chinese"), [("zh", True), ("en", False), ("", False), ("tlh", False)]
)
def test_a_chosen_language_outweighs_the_browsers(chosen, chinese):
    assert prefers_chinese("en-US,en;q=0.9", chosen) is chinese


def test_a_page_speaks_both_languages_and_names_the_request():
    page = html_page(CHALLENGED, "abc123", chinese=False).decode()
    assert '<html lang="en">' in page
    assert "Cloudflare is challenging" in page
    assert "Cloudflare 拦截" in page
    assert "abc123" in page


@pytest.mark.parametrize(
    ("refusal", "button"),
    [
        (NOT_FOUND, '<a href="/">Home</a>'),
        (CHALLENGED, '<a href="/-/cars">Choose a car</a>'),
        (KEPT_BY_THE_HOUSE, '<a href="/">Home</a>'),
        (UPSTREAM_TIMEOUT, '<a href="">Try again</a>'),
    ],
)
def test_every_page_offers_a_way_on(refusal, button):
    assert button in html_page(refusal, "abc", chinese=False).decode()


def test_a_wrong_host_has_no_page_that_helps():
    assert "<a " not in html_page(HOST_NOT_ALLOWED, "abc", chinese=False).decode()


def test_the_request_id_is_escaped():
    assert b"<script>" not in html_page(NOT_FOUND, "<script>", chinese=True)


def test_json_has_the_four_keys_clients_read():
    error = json.loads(json_error(NOT_FOUND, "abc"))["error"]
    assert set(error) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("refusal", BY_CODE.values(), ids=BY_CODE)
def test_every_refusal_has_both_languages(refusal):
    assert refusal.title_zh
    assert refusal.title_en
    assert bool(refusal.advice_zh) == bool(refusal.advice_en)
