import pytest

from core.origins import MirrorOrigin, Origins, UpstreamHost
from core.response_headers import browser_headers, handshake_headers, location, without_framing

MIRROR = MirrorOrigin("http", "127.0.0.1:8080")
MAIN = UpstreamHost("grok.com", cookies=True)
CDN = UpstreamHost("cdn.grok.com")
ASSETS = UpstreamHost("assets.grok.com", cookies=True, sandbox="files")
ORIGINS = Origins(MIRROR, (MAIN, CDN, ASSETS))


def received(*headers, host=MAIN):
    built = browser_headers([(n.encode(), v.encode()) for n, v in headers], ORIGINS, host)
    return {name.decode(): value.decode() for name, value in built}


@pytest.mark.parametrize(
    "name",
    [
        "set-cookie", "strict-transport-security", "nel", "report-to", "alt-svc", "server",
        "cf-ray",
        "access-control-allow-origin", "clear-site-data", "service-worker-allowed", "x-powered-by",
        "x-anything-new", "content-security-policy-report-only",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_stays_behind(name):
    assert name not in received((name, "x"))


def test_pages_and_data_are_never_stored():
    for content_type in ("text/html", "application/json", "text/x-component"):
        headers = received(("content-type", content_type), ("cache-control", "public, max-age=9"))
        assert headers["cache-control"] == "private, no-store"


def test_scripts_keep_their_caching():
    headers = received(
        ("content-type", "text/javascript"), ("cache-control", "public, immutable"), host=CDN
    )
    assert headers["cache-control"] == "public, immutable"


@pytest.mark.parametrize(
    ("url", "host", "leads_to"),
    [
        ("https://grok.com/c/1", MAIN, "http://127.0.0.1:8080/c/1"),
        ("/c/1", MAIN, "http://127.0.0.1:8080/c/1"),
        ("/x", CDN, "http://127.0.0.1:8080/-/cdn.grok.com/x"),
        (
            "https://assets.grok.com/a?b=1#c",
            MAIN,
            "http://127.0.0.1:8080/-/assets.grok.com/a?b=1#c",
        ),
        ("?a=1", MAIN, "?a=1"),
        ("next", MAIN, "next"),
        ("https://elsewhere.example/", MAIN, "/"),
        ("http://127.0.0.1:22/", MAIN, "/"),
        ("//evil.example", MAIN, "/"),
        ("/\\evil.example", MAIN, "/"),
        ("javascript:alert(1)", MAIN, "/"),
        ("https://grok.com.evil.example/", MAIN, "/"),
        ("https://grok.com@evil.example/", MAIN, "/"),
    ],
)
def test_redirects_stay_on_the_mirror(url, host, leads_to):
    assert location(url, ORIGINS, host) == leads_to


def test_link_and_refresh_are_mapped():
    headers = received(
        ("link", "<https://cdn.grok.com/a.css>; rel=preload, <https://else.example/>; rel=dns"),
        ("refresh", "5; url=https://grok.com/x"),
    )
    assert headers["link"] == "<http://127.0.0.1:8080/-/cdn.grok.com/a.css>; rel=preload"
    assert headers["refresh"] == "5; url=http://127.0.0.1:8080/x"


def test_user_content_is_sandboxed():
    headers = received(("content-type", "text/html"), host=ASSETS)
    assert headers["content-security-policy"].startswith("sandbox")


def test_pages_get_a_policy_of_their_own():
    headers = received(("content-type", "text/html"), ("content-security-policy", "default-src *"))
    assert "report-uri /-/csp-report" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_handshake_passes_its_own_headers_only():
    kept = handshake_headers([(b"Upgrade", b"websocket"), (b"Set-Cookie", b"sso=1"), (b"X", b"1")])
    assert kept == [(b"Upgrade", b"websocket")]


def test_an_edited_body_loses_its_framing():
    headers = [(b"ETag", b"x"), (b"Content-Length", b"1"), (b"content-type", b"a/b")]
    assert without_framing(headers) == [(b"content-type", b"a/b")]
