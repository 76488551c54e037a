"""The fields of an upload are known before its content goes on, wherever it is cut."""

import pytest

from core.ids import UnreadableError
from core.upload_fields import UploadFields

TYPE = 'multipart/form-data; boundary="b-1"'
FIELDS = ("file", "file_source")


def part(name, content=b"x", disposition=None):
    head = disposition or f'form-data; name="{name}"; filename="a \\" b.png"'
    return (
        f"--b-1\r\nContent-Disposition: {head}\r\nContent-Type: image/png\r\n\r\n".encode()
        + content
    )


def form(*parts):
    return b"\r\n".join(parts) + b"\r\n--b-1--\r\n"


GOOD = form(part("file", b"\r\n--b-\r\n\r\n--" * 3), part("file_source", b""), part("file", b"z"))


def passed(pieces, content_type=TYPE):
    stage = UploadFields(content_type, FIELDS)
    return b"".join([stage.feed(piece) for piece in pieces] + [stage.flush()])


def test_every_cut_passes_the_same():
    for cut in range(len(GOOD) + 1):
        assert passed([GOOD[:cut], GOOD[cut:]]) == GOOD
    assert passed([bytes([byte]) for byte in GOOD]) == GOOD


@pytest.mark.parametrize(
    "body",
    [
        form(part("workspaceId")),
        form(part("file"), part("conversationId")),
        form(part("file", disposition="form-data; name*=utf-8''workspaceId")),
        form(part("file", disposition='form-data; name="file"; name="workspaceId"')),
        form(part("file", disposition="form-data; name=workspaceId")),
        b"preamble\r\n" + GOOD,
        GOOD + b"--b-1\r\nmore",
        b"--b-1\r\n\r\nno head\r\n--b-1--\r\n",
        b"--b-1 \r\n" + part("file")[7:] + b"\r\n--b-1--\r\n",
        b"--b-1\r\nX: " + b"y" * 10_000,
        form(*[part("file")] * 21),
        part("file"),
        b"",
    ],
)
def test_what_is_not_as_it_should_be_goes_nowhere(body):
    for pieces in ([body], [body[:20], body[20:]]):
        with pytest.raises(UnreadableError):
            passed(pieces)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
        TYPE + "; boundary=c",
    ],
)
def test_only_a_plain_form_is_read(content_type):
    with pytest.raises(UnreadableError):
        UploadFields(content_type, FIELDS)


def test_content_is_not_held():
    stage = UploadFields(TYPE, FIELDS)
    stage.feed(part("file", b""))
    assert len(stage.feed(b"x" * 100_000)) > 99_000
