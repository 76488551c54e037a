import pytest

from supervisor.redaction import Redactor

MASKED = Redactor(["boot-secret-42", "p@ss word/1", "short"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("x boot-secret-42 y", "x *** y", id="a known secret"),
        pytest.param("u=p%40ss%20word%2F1", "u=***", id="percent-encoded"),
        pytest.param("it is short", "it is short", id="too short to be one"),
        pytest.param("Cookie: sso=abc; sso-rw=d.e; a=b", "Cookie: sso=***; sso-rw=***; a=b",
                     id="SSO cookies"),
        pytest.param("GET /-/link/abcDEF?x HTTP", "GET /-/link/***?x HTTP", id="one-time links"),
        pytest.param("Authorization: Bearer abc", "Authorization: Bearer ***", id="bearer tokens"),
        pytest.param("via socks5h://u:p@10.0.0.1:1", "via socks5h://***@10.0.0.1:1",
                     id="egress credentials"),
        pytest.param("token eyJhbGciOiJIUzI1NiJ9.eyJ4IjoxfQ.sig-1 end", "token *** end",
                     id="a JWT"),
        pytest.param('request: "GET /a?token=1 HTTP/1.1", host: "m"',
                     'request: "GET /a?*** HTTP/1.1", host: "m"', id="nginx's request line"),
        pytest.param("https://grok.com/a?b=c", "https://grok.com/a?b=c", id="a plain URL stays"),
    ],
)  # fmt: skip
def test_masking(line, expected):
    assert MASKED(line) == expected


def test_without_secrets_nothing_is_replaced():
    assert Redactor([""])("plain") == "plain"
