import pytest

from core.gate import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES, RequestHead, verdict
from core.refusals import BAD_REQUEST, METHOD_NOT_ALLOWED, NOT_FOUND


def head(target=b"/", method="GET", version="HTTP/1.1", headers=(), authority=b""):
    return RequestHead(method, target, version, [(b"Host", b"mirror"), *headers], authority)


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param(head(), id="the start page"),
        pytest.param(head(b"/c/1?rid=2&x=%2F"), id="an encoded slash in the query is data"),
        pytest.param(head(b"/-/cdn.grok.com/_next/static/chunks/a.js"), id="another host"),
        pytest.param(head(method="OPTIONS"), id="preflight"),
        pytest.param(head(version="HTTP/1.0"), id="an old client"),
        pytest.param(head(version="HTTP/2.0", authority=b"mirror"), id="h2 names its authority"),
        pytest.param(head(headers=[(b"x-a", b"1"), (b"x-a", b"2")]), id="repeated plain header"),
        pytest.param(
            head(headers=[(b"cookie", "é=1".encode())]), id="bytes beyond ASCII in a value"
        ),
    ],
)
def test_well_formed_requests_enter(allowed):
    assert verdict(allowed) is None


@pytest.mark.parametrize(
    ("refused", "refusal"),
    [
        pytest.param(head(method="TRACE"), METHOD_NOT_ALLOWED, id="TRACE echoes the cookies"),
        pytest.param(head(method="CONNECT"), METHOD_NOT_ALLOWED, id="no open proxy"),
        pytest.param(head(b"*", method="OPTIONS"), BAD_REQUEST, id="asterisk form"),
        pytest.param(head(b"http://evil/x"), BAD_REQUEST, id="absolute form"),
        pytest.param(head(b"/x", authority=b"evil"), BAD_REQUEST, id="absolute form, parsed"),
        pytest.param(head(b"//evil/x"), BAD_REQUEST, id="two slashes"),
        pytest.param(head(b"/\\evil"), BAD_REQUEST, id="backslash"),
        pytest.param(head(b"/a\\b"), BAD_REQUEST, id="backslash inside"),
        pytest.param(head(b"/a b"), BAD_REQUEST, id="space in the target"),
        pytest.param(head("/é".encode()), BAD_REQUEST, id="raw bytes in the target"),
        pytest.param(head(b"/a/../b"), BAD_REQUEST, id="dot segments"),
        pytest.param(head(b"/a/%2e%2E/b"), BAD_REQUEST, id="encoded dot segments"),
        pytest.param(head(b"/a/.%2e/b"), BAD_REQUEST, id="half-encoded dot segments"),
        pytest.param(head(b"/a%2Fb"), BAD_REQUEST, id="encoded slash in the path"),
        pytest.param(head(b"/a%5cb"), BAD_REQUEST, id="encoded backslash in the path"),
        pytest.param(head(b"/a%00"), BAD_REQUEST, id="encoded NUL in the path"),
        pytest.param(head(version="HTTP/9.9"), BAD_REQUEST, id="unknown version"),
        pytest.param(head(b"/" + b"a" * MAX_TARGET_BYTES), BAD_REQUEST, id="endless target"),
        pytest.param(
            head(headers=[(b"x", b"1")] * MAX_HEADERS), BAD_REQUEST, id="too many headers"
        ),
        pytest.param(
            head(headers=[(b"x", b"a" * MAX_HEADER_BYTES)]), BAD_REQUEST, id="too large headers"
        ),
        pytest.param(
            head(headers=[(b"x_mirror_user", b"1")]), BAD_REQUEST, id="underscore look-alike"
        ),
        pytest.param(head(headers=[(b"x y", b"1")]), BAD_REQUEST, id="space in a name"),
        pytest.param(head(headers=[(b"x", b"a\r\nsso: b")]), BAD_REQUEST, id="CR LF in a value"),
        pytest.param(head(headers=[(b"x", b"a\x00b")]), BAD_REQUEST, id="NUL in a value"),
        pytest.param(head(headers=[(b"host", b"evil")]), BAD_REQUEST, id="two hosts"),
        pytest.param(
            head(headers=[(b"Authorization", b"a"), (b"authorization", b"b")]),
            BAD_REQUEST,
            id="two authorizations",
        ),
        pytest.param(
            head(headers=[(b"Service-Worker", b"script")]), NOT_FOUND, id="service worker"
        ),
        pytest.param(
            head(headers=[(b"Sec-Fetch-Dest", b"serviceworker")]),
            NOT_FOUND,
            id="service worker by destination",
        ),
    ],
)
def test_others_are_refused(refused, refusal):
    assert verdict(refused) is refusal
