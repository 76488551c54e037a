"""Addresses of images: for a week, for nobody to make, and only of what is Grok's."""

from dataclasses import replace

import pytest

import db
from api_bridge.events import Image
from api_bridge.image_links import LIFETIME, ImageLink, SealedImageLinks, link_of
from api_bridge.internal_listener import InternalListener
from core.settings import Settings
from tests.api_bridge.test_door import wiring_to

KEY = "users/11111111-2222-4333-8444-555555555555/generated/img-1/image.jpg"
IMAGE = Image("img-1", KEY, account_id=7)
LISTENER = InternalListener(wiring_to(("127.0.0.1", 2)))


@pytest.fixture
def settings(tmp_path):
    settings = Settings(data_dir=tmp_path)
    db.open_database(settings)
    yield settings
    db.close_database()


def token_of(url):
    return url.rpartition("/v1/images/")[2].partition("/")[0]


def test_a_link_survives_a_restart_and_ends_after_a_week(settings):
    links = SealedImageLinks(LISTENER, settings, lambda: 1_000.0)
    token = token_of(links.url_of(IMAGE, "http://m"))
    db.close_database()
    db.open_database(settings)
    link = ImageLink.opened(token, 1_000.0 + LIFETIME - 1)
    assert (link.account_id, link.host, link.path) == (7, "assets.grok.com", f"/{KEY}")
    assert ImageLink.opened(token, 1_000.0 + LIFETIME) is None


def test_it_says_nothing_about_account_or_user(settings):
    url = SealedImageLinks(LISTENER, settings).url_of(IMAGE, "https://m.example")
    assert "11111111" not in url
    assert url.startswith("https://m.example/v1/images/")
    assert url.endswith("/image.jpg")


def test_it_stands_behind_the_operators_address_and_prefix(settings):
    placed = replace(settings, host="https://grok.example", mirror_api_prefix="/abc")
    url = SealedImageLinks(LISTENER, placed).url_of(IMAGE, "http://127.0.0.1:8080")
    assert url.startswith("https://grok.example/abc/v1/images/")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (f"https://assets.grok.com/{KEY}", "assets.grok.com"),
        ("https://imagine-public.x.ai/imagine-public/images/a.jpg", "imagine-public.x.ai"),
    ],
)
def test_absolute_addresses_of_groks_hosts_are_known(url, host):
    assert link_of(replace(IMAGE, url=url), 0.0).host == host


@pytest.mark.parametrize(
    "image",
    [
        replace(IMAGE, url="https://evil.example/a.jpg"),
        replace(IMAGE, url="users/../../rest/x"),
        replace(IMAGE, url="users/a b"),
        replace(IMAGE, account_id=0),
    ],
    ids=["a foreign host", "a climbing path", "an odd path", "a token of the caller's own"],
)
def test_for_what_cannot_be_fetched_there_is_no_link(image, settings):
    assert link_of(image, 0.0) is None
    url = SealedImageLinks(LISTENER, settings).url_of(image, "http://m")
    assert url.startswith("https://")
