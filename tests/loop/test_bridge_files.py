"""Files beside a question reach the account that is asked; Grok's images reach a browser."""

import base64
import json

import pytest
from flask import Flask

from api_bridge.attachments import LONGEST_PROMPT
from api_bridge.events import Image, Video
from api_bridge.image_links import SealedImageLinks
from api_bridge.transport_rules import explain_errors
from tests.loop.bridge import TRANSPORTS, ask, end_of, listener_of, port_to, text_of

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(autouse=True)
def unsigned(standin):
    standin.control.switch(signed="off")


def data_url(data, mime="image/png"):
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def image(url):
    return {"type": "image_url", "image_url": {"url": url}}


def file(data, name):
    encoded = data_url(data, "application/octet-stream")
    return {"type": "file", "file": {"file_data": encoded, "filename": name}}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_files_are_uploaded_to_the_account_that_is_asked(mirror, standin, transport):
    content = [{"type": "text", "text": "look"}, image(data_url(PNG)), file(b"a,b\n", "a.csv")]
    events = list(ask(port_to(mirror, transport), "look", content=content))
    assert "Attached: image-1.png, a.csv." in text_of(events)
    uploads = standin.control.requests(path="/http/upload-file-v2/direct")
    asked = standin.control.requests(path="/ws/mgw/" if transport == "mgw" else "/rest/app-chat/")
    assert len(uploads) == 2
    assert {upload.account for upload in uploads} == {asked[-1].account}


def test_a_file_of_many_megabytes_passes(mirror, standin):
    content = [file(b"x" * 12 * 2**20, "big.bin")]
    assert "Attached: big.bin." in text_of(ask(port_to(mirror, "mgw"), "see", content=content))


def test_the_older_way_is_taken_where_the_new_one_is_closed(mirror, standin):
    standin.control.switch(odd="", signed="present", signed_paths=["POST /http/upload-file-v2/*"])
    content = [image(data_url(PNG))]
    events = list(ask(port_to(mirror, "mgw"), "look", content=content))
    assert "Attached: image-1.png." in text_of(events)
    assert standin.control.requests(path="/rest/app-chat/upload-file")


@pytest.mark.parametrize(
    "content",
    [
        [image(data_url(b"no image at all"))],
        [image(data_url(b"<svg xmlns='x'/>", "image/svg+xml"))],
        [image("data:image/png;base64,%%%")],
        [image("http://127.0.0.1/a.png")],
        [image("http://localhost:8080/a.png")],
        [image("http://169.254.169.254/latest/meta-data")],
        [{"type": "file", "file": {"file_id": "f-1"}}],
    ],
    ids=["text", "svg", "not base64", "loopback", "other port", "metadata", "unknown id"],
)
def test_what_is_no_good_file_is_refused_before_grok_is_asked(mirror, standin, content):
    events = list(ask(port_to(mirror, "mgw"), "look", content=content))
    assert end_of(events) == f"unusable_{'file' if content[0]['type'] == 'file' else 'image'}"
    assert not standin.control.requests(path="/http/")
    assert not standin.control.requests(path="/ws/")


def test_a_prompt_that_is_too_long_goes_as_a_file(mirror, standin):
    prompt = "word " * (LONGEST_PROMPT // 5) + "and the question at the end?"
    answer = text_of(ask(port_to(mirror, "mgw"), prompt))
    assert "Attached: prompt.txt." in answer
    assert "and the question at the end?" in answer
    assert len(answer) < LONGEST_PROMPT


@pytest.fixture
def links(mirror):
    links = SealedImageLinks(listener_of(mirror), mirror.settings)
    app = Flask("links")
    explain_errors(app)
    links.serve_on(app)
    return links, app.test_client()


def made_image(mirror):
    events = ask(port_to(mirror, "mgw"), "/image a red kite")
    return next(e for e in events if isinstance(e, Image) and e.is_final)


def test_an_image_is_shown_to_whoever_has_its_address(mirror, links, standin):
    links, browser = links
    image = made_image(mirror)
    url = links.url_of(image, "https://mirror.example")
    assert url.startswith("https://mirror.example/v1/images/")
    assert image.url not in url
    answer = browser.get(url.removeprefix("https://mirror.example"))
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    (seen,) = standin.control.requests(host="assets.grok.com")
    assert mirror.account_ids[seen.account] == image.account_id


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_video_is_played_from_where_the_player_likes(mirror, links, standin, transport):
    links, browser = links
    events = ask(port_to(mirror, transport), "scenario:video a red kite")
    video = next(e for e in events if isinstance(e, Video) and e.is_final)
    path = links.url_of(video, "")
    whole = browser.get(path)
    assert (whole.status_code, whole.content_type) == (200, "video/mp4")
    part = browser.get(path, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data) == (206, whole.data[4:8])
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole.data)}"
    odd = browser.get(path, headers={"Range": "lines=1-2"})
    assert (odd.status_code, odd.data) == (200, whole.data)


def test_an_address_that_was_tampered_with_shows_nothing(mirror, links, standin):
    links, browser = links
    path = links.url_of(made_image(mirror), "")
    token = path.removeprefix("/v1/images/").partition("/")[0]
    broken = path.replace(token, token[:-6] + "AAAAA=")
    assert browser.get(broken).status_code == 404
    assert json.loads(browser.get("/v1/images/x/y.jpg").data)["error"]["code"] == "not_found"
    assert not standin.control.requests(host="assets.grok.com")
