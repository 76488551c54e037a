import pytest

from core.body_kinds import BodyKind, body_kind, charset_of


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("text/html; charset=utf-8", BodyKind.HTML),
        ("application/json", BodyKind.JSON),
        ("application/problem+json; charset=utf-8", BodyKind.JSON),
        ("application/x-ndjson", BodyKind.JSON),
        ("text/event-stream", BodyKind.JSON),
        ("application/manifest+json", BodyKind.TEXT),
        ("text/javascript", BodyKind.TEXT),
        ("application/javascript; charset=UTF-8", BodyKind.TEXT),
        ("text/css", BodyKind.TEXT),
        ("text/x-component", BodyKind.TEXT),
        ("image/svg+xml", BodyKind.TEXT),
        ("image/png", BodyKind.OPAQUE),
        ("application/grpc-web+proto", BodyKind.OPAQUE),
        ("application/octet-stream", BodyKind.OPAQUE),
        ("", BodyKind.OPAQUE),
    ],
)
def test_content_types_have_a_kind(content_type, kind):
    assert body_kind(content_type) is kind


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/html; charset=UTF-16LE", "utf-16le"),
        ('text/css; Charset="gbk"', "gbk"),
        ("a/b", None),
    ],
)
def test_the_charset_is_read(content_type, charset):
    assert charset_of(content_type) == charset
