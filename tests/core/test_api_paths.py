"""Where the API is, with and without a prefix, and what the gate sees of it."""

import pytest

from core.api_paths import NO_API, api_paths
from core.gate import RequestHead, verdict
from core.refusals import BAD_REQUEST

PLAIN = api_paths("", enabled=True)
HIDDEN = api_paths("/a/Long-word", enabled=True)


@pytest.mark.parametrize(
    ("table", "target", "merged"),
    [
        (PLAIN, b"//v1/chat/completions", b"/v1/chat/completions"),
        (PLAIN, b"///v1//models?a=//b", b"/v1/models?a=//b"),
        (PLAIN, b"//chat/completions", b"/chat/completions"),
        (HIDDEN, b"//a/Long-word/v1/models", b"/a/Long-word/v1/models"),
        (PLAIN, b"/v1//models", b"/v1//models"),
        (PLAIN, b"//rest/user-settings", b"//rest/user-settings"),
        (PLAIN, b"//evil.example/v1", b"//evil.example/v1"),
        (HIDDEN, b"//v1/models", b"//v1/models"),
        (NO_API, b"//v1/models", b"//v1/models"),
    ],
)
def test_a_slash_too_many_before_a_path_of_the_api(table, target, merged):
    assert table.merged(target) == merged


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/v1/chat/completions", True),
        ("/v1//chat/completions?beta=true", True),
        ("/v1", True),
        ("/v1/models/xai%2Fgrok-4:latest", True),
        ("/chat/completions", True),
        ("/models", True),
        ("/models/xai/grok-4", True),
        ("/health", True),
        ("/", False),
        ("/c/1", False),
        ("/chat/1", False),
        ("/v1x", False),
        ("/v1/%2e%2e/rest/user-settings", False),
        ("/V1/models", False),
    ],
)
def test_without_a_prefix(path, here):
    for method in ("GET", "POST", "OPTIONS", "DELETE", "HEAD"):
        assert PLAIN.holds(method, path) is here
        assert not NO_API.holds(method, path)


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/a/Long-word/v1/chat/completions", True),
        ("/a/Long-word/", True),
        ("/a/Long-word", True),
        ("/a/long-word/v1/models", False),
        ("/v1/chat/completions", False),
        ("/models", False),
    ],
)
def test_with_a_prefix_it_is_nowhere_else(path, here):
    assert HIDDEN.holds("POST", path) is here


@pytest.mark.parametrize(
    ("target", "enters"),
    [
        (b"/v1/models/xai%2Fgrok-4:latest", True),
        (b"/v1/models/a%2fb%2fc?x=%2f..%2f", True),
        (b"/models/a%2Fb", True),
        (b"/v1/models/..%2f..%2fapi/login", False),
        (b"/v1/models/%2e%2e%2fapi", False),
        (b"/v1/models/a%2f.%2fb", False),
        (b"/v1/models/a%2f%2e%2e", False),
        (b"/v1/models/a%5cb", False),
        (b"/v1/models/a%00b", False),
        (b"/v1/modelsx%2fb", False),
        (b"/v1/chat%2fcompletions", False),
        (b"/rest/app-chat%2fconversations", False),
        (b"//v1/models/a%2fb", False),
    ],
)
def test_a_coded_slash_enters_in_a_models_name_only(target, enters):
    def seen(paths):
        head = RequestHead("GET", paths.as_checked(target), "HTTP/1.1", ())
        return verdict(head)

    assert (seen(PLAIN) is None) is enters
    assert seen(NO_API) is BAD_REQUEST
    assert seen(HIDDEN) is BAD_REQUEST


def test_all_rows_lead_to_the_sidecar_and_wait():
    for route in (*PLAIN.routes, *HIDDEN.routes):
        assert (route.do.value, route.open, route.first_byte) == ("sidecar", True, 600)
