"""One-click links: what a client decodes from them is what was meant."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from core.client_links import client_links, snippets

KEY = "gm_" + "aZ09-_zY18" * 4 + "abc"
BASE = "https://grok.example.com/abc/v1"
LINKS = {link.client: link for link in client_links(KEY, BASE)}


def data_of(client: str, name: str = "data") -> dict[str, object]:
    (encoded,) = parse_qs(urlsplit(LINKS[client].url).query)[name]
    assert not set("+/=") & set(encoded)
    found: dict[str, object] = json.loads(base64.b64decode(encoded))
    return found


def test_cherry_studio_gets_the_address_without_v1_which_it_adds() -> None:
    assert data_of("Cherry Studio") == {
        "id": "grok-mirror",
        "name": "Grok Mirror",
        "type": "openai",
        "baseUrl": "https://grok.example.com/abc",
        "apiKey": KEY,
    }


def test_chatbox_gets_host_and_path() -> None:
    settings = data_of("Chatbox", "config")["settings"]
    assert isinstance(settings, dict)
    assert settings["apiHost"] + settings["apiPath"] == f"{BASE}/chat/completions"
    assert settings["apiKey"] == KEY


@pytest.mark.parametrize("client", ["DeepChat", "AionUI"])
def test_others_get_the_key_too(client: str) -> None:
    assert data_of(client)["apiKey"] == KEY


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("OpenCat", {"domain": ["https://grok.example.com/abc"], "token": [KEY]}),
        ("AMA", {"server": ["https://grok.example.com/abc"], "key": [KEY]}),
    ],
)
def test_plain_links(client: str, expected: dict[str, list[str]]) -> None:
    assert parse_qs(urlsplit(LINKS[client].url).query) == expected


def test_a_switch_gets_the_base_url() -> None:
    asked = parse_qs(urlsplit(LINKS["CC Switch"].url).query)
    assert (asked["endpoint"], asked["apiKey"]) == ([BASE], [KEY])


def test_pages_get_json_and_are_told_apart_from_programs() -> None:
    page = unquote(LINKS["NextChat"].url).partition("settings=")[2]
    assert json.loads(page) == {"key": KEY, "url": "https://grok.example.com/abc"}
    assert {link.client for link in LINKS.values() if link.is_page} == {"NextChat", "LobeChat"}


def test_snippets_name_the_address_and_no_repr_tells_the_key() -> None:
    for snippet in snippets(KEY, BASE):
        assert BASE.removesuffix("/v1") in snippet.text
        assert KEY in snippet.text
    assert KEY not in repr(snippets(KEY, BASE)) + repr(client_links(KEY, BASE))
