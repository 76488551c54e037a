"""What travels beside a prompt."""

import base64

import pytest

from api_bridge import attachments
from api_bridge.attachments import LONGEST_PROMPT, attachments_of, fitting, image_type
from api_bridge.messages import FilePart, ImagePart
from api_bridge.refused import RefusedError

PNG = b"\x89PNG\r\n\x1a\n rest"


def no_fetch(url):
    raise AssertionError(f"{url} was fetched")


def data_url(data, head="image/png"):
    return f"data:{head};base64,{base64.b64encode(data).decode()}"


def test_an_image_is_what_its_first_bytes_say():
    (found,) = attachments_of([ImagePart(data_url(PNG, "image/jpeg"))], no_fetch)
    assert (found.name, found.mime, found.data) == ("image-1.png", "image/png", PNG)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"RIFF1234WAVE", None),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_images_are_known_by_their_first_bytes(data, kind):
    found = image_type(data)
    assert (found and found[0]) == kind


def test_addresses_are_fetched_and_judged_alike():
    (found,) = attachments_of([ImagePart("https://a.example/x.svg")], lambda url: PNG)
    assert found.mime == "image/png"


def test_a_file_keeps_its_name_but_for_what_would_break_a_header():
    part = FilePart(data_url(b"1,2", "text/csv"), 'a"\r\nx: y/../b.csv')
    (found,) = attachments_of([part], no_fetch)
    assert (found.name, found.mime, found.data) == ("ax: y..b.csv", "text/csv", b"1,2")


@pytest.mark.parametrize(
    ("mime", "name"),
    [("application/pdf", "file.pdf"), ("text/csv", "file.csv"), ("application/x-odd", "file")],
)
def test_a_file_without_a_name_gets_the_ending_of_its_kind(mime, name):
    (found,) = attachments_of([FilePart(data_url(b"1,2", mime), "")], no_fetch)
    assert found.name == name


@pytest.mark.parametrize(
    ("url", "mime", "data"),
    [
        ("data:text/plain,a%20b", "text/plain", b"a b"),
        ("data:;base64,YWI=", "text/plain", b"ab"),
        ("data:text/csv;charset=utf-8;base64,YWI=", "text/csv", b"ab"),
        ("data:text/csv;base64,YW\nI=", "text/csv", b"ab"),
        ("YWI=", "application/octet-stream", b"ab"),
        ("DATA:Text/CSV;BASE64,YWI", "text/csv", b"ab"),
    ],
)
def test_data_urls_in_all_their_spellings(url, mime, data):
    (found,) = attachments_of([FilePart(url, "f")], no_fetch)
    assert (found.mime, found.data) == (mime, data)


@pytest.mark.parametrize(
    ("part", "kind", "reason"),
    [
        (ImagePart(data_url(b"<svg/>")), "unusable_image", "none of PNG, JPEG, GIF and WebP"),
        (ImagePart("data:image/png;base64,*"), "unusable_image", "its content is not base64"),
        (
            ImagePart(data_url(PNG + bytes(attachments.LARGEST_IMAGE))),
            "unusable_image",
            "larger than 20 MB",
        ),
        (FilePart(file_id="f-1"), "unusable_file", "none of this id was uploaded here"),
        (FilePart("*"), "unusable_file", "its content is not base64"),
    ],
    ids=["no image", "not base64", "too large", "an id of nobody's", "no content"],
)
def test_what_cannot_be_taken_ends_the_turn(part, kind, reason):
    with pytest.raises(RefusedError) as caught:
        attachments_of([part], no_fetch)
    assert caught.value.failed.kind == kind
    assert reason in caught.value.failed.message


def test_a_prompt_that_fits_stays_a_prompt():
    assert fitting("x" * LONGEST_PROMPT) == ("x" * LONGEST_PROMPT, [])


def test_a_longer_one_goes_as_a_file_with_its_end_in_sight():
    prompt = "ä" * LONGEST_PROMPT + " the end"
    message, (file,) = fitting(prompt)
    assert file.data.decode() == prompt
    assert message.endswith(" the end")
    assert len(message) < 3_000
