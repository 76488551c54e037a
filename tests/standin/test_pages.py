import gzip
import re
import ssl

import aiohttp
import brotli
import pytest
import zstandard

from standin.pages import APP, CONSTANTS, STYLE


async def test_the_page_carries_what_a_mirror_must_handle(page, account):
    answer = await page.get("https://grok.com/")
    text, headers = await answer.text(), answer.headers
    nonce = re.search(r"'nonce-([\w-]+)'", headers["Content-Security-Policy"])[1]
    assert f'nonce="{nonce}"' in text
    assert headers["X-Frame-Options"] == "DENY"
    for name in ("Strict-Transport-Security", "NEL", "Report-To", "Alt-Svc", "cf-ray", "Link"):
        assert name in headers
    cookies = headers.getall("Set-Cookie")
    assert any(c.startswith("grok_device_id=") and "Domain=.grok.com" in c for c in cookies)
    assert any(c.startswith(f"x-userid={account.user_id}") for c in cookies)
    assert '<meta name="grok-site-verification"' in text
    for spelling in (
        "https:\\/\\/assets.grok.com\\/users",
        "https://grok.com/",
        "wss:\\u002F\\u002F",
    ):
        assert spelling in text
    for file in (APP, CONSTANTS, STYLE):
        assert file.url in text
        assert f'integrity="{file.integrity}"' in text


@pytest.mark.parametrize(
    "path", ["/c/1?rid=2", "/imagine", "/settings/account", "/project/1", "/files", "/code"]
)
async def test_every_route_serves_the_shell(visitor, path):
    answer = await visitor.get(f"https://grok.com{path}")
    assert answer.status == 200
    assert "__next_f" in await answer.text()


async def test_a_soft_navigation_gets_flight_data(page):
    answer = await page.get("https://grok.com/c/1?_rsc=abc", headers={"rsc": "1"})
    assert answer.content_type == "text/x-component"


@pytest.mark.parametrize(
    ("url", "status", "location"),
    [
        ("https://www.grok.com/c/1?a=b", 301, "https://grok.com/c/1?a=b"),
        ("https://grok.com/chat/1", 308, "https://grok.com/c/1"),
        ("https://grok.com/tasks", 307, "https://grok.com/automations"),
        ("https://grok.com/sign-in", 307, "https://accounts.x.ai/sign-in?redirect=grok-com"),
        ("https://accounts.x.ai/sign-out", 302, "https://grok.com/"),
    ],
)
async def test_redirects_are_absolute(visitor, url, status, location):
    answer = await visitor.get(url, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (status, location)


@pytest.mark.parametrize(
    ("coding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda raw: zstandard.ZstdDecompressor().decompress(raw)),
        ("identity", bytes),
    ],
)
async def test_scripts_are_coded_as_accepted(standin, coding, decode):
    context = ssl.create_default_context(cafile=standin.ca_file)
    headers = {"Accept-Encoding": coding, "Host": "cdn.grok.com"}
    url = f"https://127.0.0.1:{standin.port}/_next/static/{APP.path}"
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers=headers, ssl=context, server_hostname="cdn.grok.com") as answer,
    ):
        assert answer.headers.get("Content-Encoding", "identity") == coding
        assert decode(await answer.read()) == APP.media.body


async def test_cdn_files_are_immutable_and_revalidate(visitor):
    first = await visitor.get(STYLE.url)
    assert "immutable" in first.headers["Cache-Control"]
    again = await visitor.get(STYLE.url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert (await visitor.get("https://cdn.grok.com/_next/static/none.js")).status == 404


async def test_bodies_can_be_cut_into_pieces(standin, visitor):
    standin.control.switch(piece_bytes=100, compress=False)
    answer = await visitor.get(STYLE.url)
    pieces = [piece async for piece, _ in answer.content.iter_chunks()]
    assert b"".join(pieces) == STYLE.media.body
    assert "Content-Length" not in answer.headers


async def test_unknown_and_misdirected_hosts(visitor):
    assert (await visitor.get("https://nobody.grok.com/")).status == 421
    answer = await visitor.get("https://grok.com/", headers={"Host": "cdn.grok.com"})
    assert answer.status == 421
    assert (await visitor.get("https://artifacts.grokusercontent.com/x")).status == 200
