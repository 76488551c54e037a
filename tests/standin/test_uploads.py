import base64
import hashlib
import io

import aiohttp
import pytest

from standin.files import png

DIRECT = "https://grok.com/http/upload-file-v2/direct"
OLD = "https://grok.com/rest/app-chat/upload-file"


def form(body, name="a.png", kind="image/png"):
    data = aiohttp.FormData()
    data.add_field("file", io.BytesIO(body), filename=name, content_type=kind)
    return data


async def test_an_upload_can_be_read_listed_and_deleted(page):
    picture = png("x")
    metadata = (await (await page.post(DIRECT, data=form(picture))).json())["fileMetadata"]
    url = f"https://assets.grok.com/{metadata['fileUri']}"
    answer = await page.get(url)
    assert answer.content_type == "image/png"
    assert await answer.read() == picture
    part = await page.get(url, headers={"Range": "bytes=0-3"})
    assert (part.status, await part.read()) == (206, picture[:4])
    listed = (await (await page.get("https://grok.com/rest/assets")).json())["assets"]
    assert [item["key"] for item in listed] == [metadata["fileUri"]]
    asset = f"https://grok.com/rest/assets-metadata/{metadata['fileMetadataId']}"
    assert (await page.delete(asset)).status == 200
    assert (await page.delete(asset)).status == 404


async def test_a_large_upload_streams_through(standin, page):
    body = bytes(range(256)) * 110_000
    answer = await page.post(DIRECT, data=form(body, "big.bin", "application/octet-stream"))
    file_id = (await answer.json())["fileMetadata"]["fileMetadataId"]
    asset = await (await page.get(f"https://grok.com/rest/assets/{file_id}")).json()
    assert asset["sha256"] == hashlib.sha256(body).hexdigest()
    assert standin.control.requests(path="/http/")[0].body_bytes > len(body)


async def test_a_bad_image_is_a_terminal_error_inside_200(page):
    answer = await page.post(DIRECT, data=form(b"not an image"))
    assert answer.status == 200
    assert (await answer.json())["terminalError"] == {"message": "Cannot open given image"}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8"])
async def test_the_old_upload_takes_base64(page, content_type):
    content = base64.b64encode(b"hello").decode()
    body = f'{{"fileName":"n.txt","fileMimeType":"text/plain","content":"{content}"}}'
    answer = await page.post(OLD, data=body, headers={"Content-Type": content_type})
    url = f"https://assets.grok.com/{(await answer.json())['fileUri']}"
    assert await (await page.get(url)).text() == "hello"


async def test_the_old_upload_refuses_large_and_bad_bodies(page):
    large = await page.post(OLD, data=io.BytesIO(b" " * (8 * 2**20 + 1)))
    assert large.status == 403
    assert "nginx" in await large.text()
    bad = {"fileName": "a.png", "fileMimeType": "image/png", "content": "AAAA"}
    assert (await page.post(OLD, json=bad)).status == 400
    assert (await page.post(DIRECT, json={})).status == 400
