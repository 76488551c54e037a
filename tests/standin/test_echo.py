import base64
import gzip
import json
from urllib.parse import quote

import pytest

from standin.pages import CONSTANTS
from tests.standin.gateway import gateway


@pytest.fixture(autouse=True)
def _echo(standin):
    standin.control.switch(echo=True)


def spellings(account):
    return [
        account.sso,
        account.cookie,
        quote(f"sso={account.sso}; path=/", safe=""),
        base64.b64encode(account.sso.encode()).decode(),
        base64.b64encode(account.cookie.encode()).decode(),
    ]


@pytest.mark.parametrize(
    "url", ["https://grok.com/", "https://grok.com/rest/auth/get-user", CONSTANTS.url]
)
async def test_bodies_hold_every_spelling(page, account, url):
    answer = await page.get(url)
    text = await answer.text()
    assert all(secret in text for secret in spellings(account))


async def test_headers_cookies_and_redirects_too(page, account):
    answer = await page.get("https://grok.com/chat/1", allow_redirects=False)
    assert answer.headers["x-echo-cookie"] == account.cookie
    assert answer.headers["x-echo-origin"] == "https://grok.com"
    cookies = answer.headers.getall("Set-Cookie")
    assert any(c.startswith(f"sso={account.sso};") and "Domain=.grok.com" in c for c in cookies)
    assert answer.headers["Location"].endswith(f"?q={account.sso}")


async def test_streams_and_files_echo_in_their_headers(page, account):
    url = f"https://assets.grok.com/users/{account.user_id}/generated/x/image.jpg"
    assert (await page.get(url)).headers["x-echo-sso"] == account.sso
    async with page.ws_connect(f"wss://grok.com/ws/mgw/?uid={account.user_id}") as socket:
        assert socket._response.headers["x-echo-sso"] == account.sso


async def test_a_coding_can_be_forced(page):
    answer = await page.get("https://grok.com/rest/x?enc=gzip", auto_decompress=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "echo" in json.loads(gzip.decompress(await answer.read()))


async def test_streams_and_sockets_echo(page, account):
    body = {"message": "/plain", "modeId": "fast"}
    url = "https://grok.com/rest/app-chat/conversations/new"
    answer = await page.post(url, json=body, headers={"x-statsig-id": "x"})
    assert account.sso in await answer.text()
    async with gateway(page, account) as chat:
        await chat.open()
        assert (await chat.until("echo"))[-1]["event"]["plain"] == account.sso
