"""Uploads pass without being held, and files come back by range."""

import hashlib
import os
from pathlib import Path

from tests.loop.test_chat import signed
from tests.loop.test_gate import request

MEGABYTE = 1024 * 1024


def rss(mirror):
    status = Path(f"/proc/{mirror.processes['addons'].pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def test_a_large_upload_streams_and_comes_back_from_the_assets_host(mirror, alice, standin):
    content = os.urandom(30 * MEGABYTE)
    before = rss(mirror)
    answer = alice.http.post(
        mirror.url + "/http/upload-file-v2/direct",
        files={"file": ("big.bin", content, "application/octet-stream")},
        headers=signed(mirror),
    )
    assert answer.status_code == 200
    assert rss(mirror) - before < 20 * MEGABYTE
    uri = answer.json()["fileMetadata"]["fileUri"]
    url = f"{mirror.url}/-/assets.grok.com/{uri}"
    back = alice.http.get(url)
    assert hashlib.sha256(back.content).digest() == hashlib.sha256(content).digest()
    part = alice.http.get(url, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(content)}"


def test_the_old_upload_still_works(mirror, alice, standin):
    answer = alice.http.post(
        mirror.url + "/rest/app-chat/upload-file",
        json={"fileName": "a.txt", "fileMimeType": "text/plain", "content": "aGk="},
        headers=signed(mirror),
    )
    assert answer.status_code == 200
    assert answer.json()["fileMetadataId"]


def test_a_body_beyond_the_wall_is_refused(mirror, alice, standin):
    standin.control.forget_requests()
    answer = request(
        mirror,
        b"POST /rest/user-settings HTTP/1.1",
        f"Cookie: mirror_session={alice.cookie}".encode(),
        b"Content-Type: application/json",
        b"Content-Length: %d" % (300 * MEGABYTE),
    )
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"mitmproxy" not in answer
    assert standin.control.requests(path="/rest/user-settings") == []


def test_a_file_that_begins_like_utf16_is_no_text(mirror, alice, standin):
    content = b"\xff\xfe\x00" + os.urandom(1000)
    uploaded = alice.http.post(
        mirror.url + "/http/upload-file-v2/direct",
        files={"file": ("odd.bin", content, "application/octet-stream")},
        headers=signed(mirror),
    ).json()
    uri = uploaded["fileMetadata"]["fileUri"]
    assert alice.http.get(f"{mirror.url}/-/assets.grok.com/{uri}").content == content
