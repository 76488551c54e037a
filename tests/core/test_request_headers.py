import pytest

from core.origins import MirrorOrigin, Origins, UpstreamHost
from core.request_headers import Outgoing, upstream_headers

MIRROR = MirrorOrigin("http", "127.0.0.1:8080")
ORIGINS = Origins(MIRROR, (UpstreamHost("grok.com", cookies=True), UpstreamHost("cdn.grok.com")))


def sent(*headers, **out):
    built = upstream_headers(headers, ORIGINS, Outgoing(host="grok.com", **out))
    return [(name.decode(), value.decode("latin-1")) for name, value in built]


@pytest.mark.parametrize(
    "name",
    [
        "Cookie", "Authorization", "X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "TE",
        "X-Mirror-User", "Proxy-Authorization", "CF-Connecting-IP", "X-Original-URL",
        "X-HTTP-Method-Override", "Keep-Alive", "X-Api-Key", "Range",
    ],
)  # fmt: skip
def test_what_is_ours_or_the_hops_stays_here(name):
    assert name.lower() not in {n.lower() for n, _ in sent((name.encode(), b"x"))}


def test_what_connection_names_is_dropped_too():
    names = {n for n, _ in sent((b"Connection", b"X-Secret, close"), (b"x-secret", b"1"))}
    assert "x-secret" not in names


@pytest.mark.parametrize(
    "name",
    ["x-statsig-id", "x-xai-request-id", "baggage", "sentry-trace", "traceparent", "next-action",
     "rsc", "sec-fetch-mode", "content-type", "x-grpc-web", "if-none-match"],
)  # fmt: skip
def test_what_the_page_signed_passes_unchanged(name):
    assert (name, "as sent") in sent((name.encode(), b"as sent"))


def test_origin_and_referer_speak_of_the_upstream():
    headers = dict(
        sent(
            (b"origin", b"http://127.0.0.1:8080"),
            (b"referer", b"http://127.0.0.1:8080/-/cdn.grok.com/a.css"),
        )
    )
    assert headers["origin"] == "https://grok.com"
    assert headers["referer"] == "https://cdn.grok.com/a.css"


def test_a_foreign_referer_is_dropped():
    assert "referer" not in dict(sent((b"referer", b"https://elsewhere.example/")))


def test_only_codings_that_can_be_decoded_are_offered():
    assert dict(sent((b"accept-encoding", b"gzip, br, zstd, dcb")))["accept-encoding"] == (
        "gzip, br, zstd"
    )
    assert dict(sent())["accept-encoding"] == "identity"


def test_the_accounts_user_agent_replaces_the_browsers_and_its_hints():
    headers = sent(
        (b"user-agent", b"Mine"), (b"sec-ch-ua", b"x"), (b"sec-ch-ua-mobile", b"?0"),
        user_agent="Operator's",
    )  # fmt: skip
    assert ("user-agent", "Operator's") in headers
    assert not any(n.startswith("sec-ch-ua") or v == "Mine" for n, v in headers)


def test_a_websocket_keeps_its_handshake_and_nothing_else_of_the_hop():
    headers = sent(
        (b"Connection", b"keep-alive, Upgrade"),
        (b"Upgrade", b"websocket"),
        (b"Sec-WebSocket-Key", b"k"),
        websocket=True,
        cookie="sso=1",
    )
    assert headers == [
        ("host", "grok.com"),
        ("Sec-WebSocket-Key", "k"),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("cookie", "sso=1"),
    ]


def test_there_is_one_cookie_header():
    headers = sent((b"cookie", b"a=1"), (b"Cookie", b"sso=planted"), cookie="sso=ours")
    assert [v for n, v in headers if n.lower() == "cookie"] == ["sso=ours"]


def test_media_hosts_may_be_asked_for_a_range():
    assert ("range", "bytes=0-1") in sent((b"range", b"bytes=0-1"), keep_range=True)
