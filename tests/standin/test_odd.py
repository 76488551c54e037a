import asyncio
import ssl

import pytest

from standin.odd import RAW


async def raw_answer(standin, name, limit):
    context = ssl.create_default_context(cafile=standin.ca_file)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", standin.port, ssl=context, server_hostname="grok.com"
    )
    writer.write(f"GET /standin/odd/{name} HTTP/1.1\r\nHost: grok.com\r\n\r\n".encode())
    found = b""
    async with asyncio.timeout(10):
        while len(found) < limit and (piece := await reader.read(65_536)):
            found += piece
    writer.transport.abort()
    return found


@pytest.mark.parametrize("name", sorted(RAW))
async def test_whole_answers_arrive_as_written(standin, name):
    assert await raw_answer(standin, name, 10_000) == RAW[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("endless_headers", b"X-Endless-900:"),
        ("endless_body", b"400\r\nxxxx"),
        ("many_hints", b"103 Early Hints"),
        ("gzip_bomb", b"Content-Encoding: gzip"),
    ],
)
async def test_endless_answers_keep_coming(standin, name, marker):
    limit = 400_000 if name == "gzip_bomb" else 1_000_000
    found = await raw_answer(standin, name, limit)
    assert len(found) >= limit
    assert marker in found


async def test_early_hints_are_followed_by_an_answer(visitor):
    answer = await visitor.get("https://grok.com/standin/odd/early_hints")
    assert await answer.json() == {"ok": True}


@pytest.mark.parametrize("name", ["truncated_json", "invalid_utf8", "broken_gzip"])
async def test_broken_bodies_have_a_sound_frame(visitor, name):
    answer = await visitor.get(f"https://grok.com/standin/odd/{name}", auto_decompress=False)
    assert answer.status == 200
    with pytest.raises(ValueError, match=r".*"):
        await answer.json()
    assert (await visitor.get("https://grok.com/standin/odd/none")).status == 404


async def test_real_paths_can_answer_oddly(standin, page):
    standin.control.switch(odd="truncated_json", odd_path="/rest/app-chat/*")
    answer = await page.get("https://grok.com/rest/app-chat/conversations")
    assert (await answer.read()).endswith(b'"a')
    assert (await page.get("https://grok.com/rest/subscriptions")).status == 200
