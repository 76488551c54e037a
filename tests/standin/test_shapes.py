"""The shapes in which a list can come, all by switch."""

import gzip
import json

import brotli
import pytest
import zstandard

from tests.standin.conftest import client

LIST = "https://grok.com/rest/app-chat/conversations"


@pytest.fixture
def planted(standin):
    return standin.control.plant_many("super", "conversation", 3, title="Talk")


@pytest.fixture
async def raw(standin, account):
    """A client that decodes nothing."""
    headers = {"Cookie": account.cookie}
    async with client(standin, headers=headers, auto_decompress=False) as session:
        yield session


async def test_lists_can_be_huge(standin, page, planted):
    standin.control.switch(pad_bytes=3_000_000)
    answer = await page.get(LIST, headers={"Accept-Encoding": "identity"})
    body = await answer.read()
    assert len(body) >= 3_000_000
    assert len(json.loads(body)["conversations"][2]["padding"]) > 900_000
    empty = await page.get("https://grok.com/rest/subscriptions/none")
    assert len(await empty.read()) >= 3_000_000


@pytest.mark.parametrize(
    ("coding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda body: zstandard.ZstdDecompressor().decompress(body)),
        ("x-unheard-of", bytes),
    ],
)
async def test_a_coding_can_be_forced(standin, raw, planted, coding, decode):
    standin.control.switch(force_encoding=coding)
    answer = await raw.get(LIST, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Content-Encoding"] == coding
    assert len(json.loads(decode(await answer.read()))["conversations"]) == 3


@pytest.mark.parametrize("label", ["text/plain", "application/octet-stream"])
async def test_the_type_can_be_wrong(standin, page, planted, label):
    standin.control.switch(content_type=label)
    answer = await page.get(LIST)
    assert answer.content_type == label
    assert len(json.loads(await answer.read())["conversations"]) == 3


async def test_the_charset_can_be_another(standin, page, planted):
    standin.control.switch(charset="utf-16")
    answer = await page.get(LIST)
    assert answer.charset == "utf-16"
    assert len(json.loads((await answer.read()).decode("utf-16"))["conversations"]) == 3


async def test_the_length_can_be_missing(standin, page, planted):
    standin.control.switch(chunked=True)
    answer = await page.get(LIST)
    assert "Content-Length" not in answer.headers
    assert len((await answer.json())["conversations"]) == 3


async def test_head_says_how_long_the_list_is(raw, planted):
    answer = await raw.head(LIST, headers={"Accept-Encoding": "identity"})
    whole = await raw.get(LIST, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Content-Length"] == str(len(await whole.read()))
    assert await answer.read() == b""


async def test_lists_revalidate_and_come_in_parts(standin, page, planted):
    standin.control.switch(validators=True)
    whole = await page.get(LIST)
    body, tag = await whole.read(), whole.headers["ETag"]
    assert (await page.get(LIST, headers={"If-None-Match": tag})).status == 304
    part = await page.get(LIST, headers={"Range": "bytes=10-49"})
    assert (part.status, await part.read()) == (206, body[10:50])
    assert part.headers["Content-Range"] == f"bytes 10-49/{len(body)}"
    standin.control.plant("super", "conversation")
    assert (await page.get(LIST, headers={"If-None-Match": tag})).status == 200


async def test_only_the_chosen_paths_are_shaped(standin, page, planted):
    standin.control.switch(content_type="text/plain", shaped_path="/rest/app-chat/*")
    assert (await page.get("https://grok.com/rest/workspaces")).content_type == "application/json"
    assert (await page.get(LIST)).content_type == "text/plain"
    assert (await page.get(f"{LIST}/unknown")).content_type == "application/json"
