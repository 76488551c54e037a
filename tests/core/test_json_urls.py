"""URLs in JSON: those of URL-valued keys change, what a person wrote stays as he wrote it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rewriting import JsonRewriter, JsonUnrewriter
from tests.core.streams import cut, cuts, run, same_at_every_cut
from tests.core.test_origins import LAPTOP

M = "http://127.0.0.1:8080"
HITS = {
    "a URL": ('{"url":"https://grok.com/x"}', f'{{"url":"{M}/x"}}'),
    "a key that ends so": ('{"hdMediaUrl" : "https://grok.com"}', f'{{"hdMediaUrl" : "{M}"}}'),
    "another case": ('{"dataURL":"https://grok.com"}', f'{{"dataURL":"{M}"}}'),
    "snake case": ('{"image_url":\n  "https://grok.com"}', f'{{"image_url":\n  "{M}"}}'),
    "a socket": ('{"livekitUrl":"wss://grok.com"}', '{"livekitUrl":"ws://127.0.0.1:8080"}'),
    "without scheme": ('{"src":"//cdn.grok.com/a"}', '{"src":"//127.0.0.1:8080/-/cdn.grok.com/a"}'),
    "escaped slashes": (
        r'{"href":"https:\/\/cdn.grok.com\/a"}',
        r'{"href":"http:\/\/127.0.0.1:8080\/-\/cdn.grok.com\/a"}',
    ),
    "a list": (
        '{"imageUrls":["https://grok.com/1", "a,b]", "https://grok.com/2"],"t":"https://grok.com"}',
        f'{{"imageUrls":["{M}/1", "a,b]", "{M}/2"],"t":"https://grok.com"}}',
    ),
    "a favicon": ('{"favicon":"https://grok.com/i"}', f'{{"favicon":"{M}/i"}}'),
    "glued objects": (
        '{"url":"https://grok.com"}{"url":"https://grok.com"}',
        f'{{"url":"{M}"}}' * 2,
    ),
    "lines": ('{"a":1}\n\n{"uri":"https://grok.com"}\n', f'{{"a":1}}\n\n{{"uri":"{M}"}}\n'),
    "an event stream": ('data: {"link":"https://grok.com"}\n', f'data: {{"link":"{M}"}}\n'),
    "an escaped quote in the URL": (
        r'{"url":"https://grok.com/\"","src":"https://grok.com\\"}',
        rf'{{"url":"{M}/\"","src":"{M}\\"}}',
    ),
    "after a line that broke off": (
        '{"message":"cut\n{"url":"https://grok.com"}',
        f'{{"message":"cut\n{{"url":"{M}"}}',
    ),
    "a bare JSON value ending in url": (
        '["my url", {"url":"https://grok.com"}]',
        f'["my url", {{"url":"{M}"}}]',
    ),
}
MISSES = {
    "a message": '{"message":"https://grok.com/c/1"}',
    "a token of an answer": '{"result":{"response":{"token":"https://grok.com"}}}',
    "a title, a query, a text": '{"title":"https://grok.com","query":"https://grok.com","text":"//grok.com"}',
    "a message that quotes JSON": r'{"message":"{\"url\":\"https://grok.com\"}"}',
    "a message that quotes its own key": r'{"text":"\"url\": \"https://grok.com\" \\","x":"https://grok.com"}',
    "not at the beginning": '{"url":"see https://grok.com","src":"x https://grok.com"}',
    "an object under the key": '{"url":{"text":"https://grok.com"}}',
    "an object in a list under the key": '{"urls":[{"text":"https://grok.com"},"https://grok.com"]}',
    "after the list": '{"urls":["a"],"text":["https://grok.com"]}',
    "a text after an empty list": '{"urls":[],"text":"https://grok.com"}',
    "a number, then a text": '{"url":1,"text":"https://grok.com"}',
    "null, then a list": '{"url":null},["https://grok.com"]',
    "another host": '{"url":"https://grok.com.evil.example/","src":"https://notgrok.com"}',
    "a key that only contains url": '{"urlText":"https://grok.com"}',
    "a text whose last word is url": '{"message":"my url","text":"https://grok.com"}',
    "no JSON": 'he said "https://grok.com" and \\ "url https://grok.com',
    "no JSON at all": "https://grok.com",
}


@pytest.mark.parametrize(("text", "expected"), HITS.values(), ids=HITS)
def test_rewritten_at_every_cut(text, expected):
    assert same_at_every_cut(lambda: JsonRewriter(LAPTOP), text.encode()) == expected.encode()


@pytest.mark.parametrize("text", MISSES.values(), ids=MISSES)
def test_left_alone_at_every_cut(text):
    assert same_at_every_cut(lambda: JsonRewriter(LAPTOP), text.encode()) == text.encode()


def test_frames_of_the_browser_go_back():
    sent = '{"livekitUrl":"ws://127.0.0.1:8080/-/cdn.grok.com","text":"http://127.0.0.1:8080/c/1"}'
    expected = '{"livekitUrl":"wss://cdn.grok.com","text":"http://127.0.0.1:8080/c/1"}'
    assert same_at_every_cut(lambda: JsonUnrewriter(LAPTOP), sent.encode()) == expected.encode()


_WORDS = [
    "https://grok.com",
    '"url":"https://grok.com"',
    "my url",
    '"',
    "\\",
    "[",
    "{",
    ":",
    ",",
    "é\n",
]
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=4).map("".join)
_KEYS = st.sampled_from(["message", "text", "token", "url", "imageUrls", "title"])
_VALUES = st.recursive(
    _TEXTS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=12,
)


def _mapped(value, key=""):
    """The same rule, over a parsed tree."""
    if isinstance(value, dict):
        return {k: _mapped(v, k) for k, v in value.items()}
    if isinstance(value, list):
        mapped, governed = [], key
        for item in value:
            mapped.append(_mapped(item, governed))
            # The rewriter builds no tree: after anything but text, a list is any list.
            governed = governed if isinstance(item, str) else ""
        return mapped
    if isinstance(value, str) and key.lower().endswith(("url", "urls")):
        host = "https://grok.com"
        ends = value[len(host) : len(host) + 1] not in list(":hmé")
        return M + value[len(host) :] if value.startswith(host) and ends else value
    return value


@given(_VALUES, st.sampled_from([None, 1]), cuts())
def test_agrees_with_a_parser(value, indent, places):
    value = {"message": value, "url": value if isinstance(value, str) else None}
    data = json.dumps(value, indent=indent).encode()
    assert json.loads(run(JsonRewriter(LAPTOP), cut(data, *places))) == _mapped(value)


@given(
    st.lists(st.sampled_from(['"url"', *'":,{}[]\\ \n', '"https://grok.com"', "a"]), max_size=20),
    cuts(),
)
def test_any_cut_of_anything_gives_the_same(words, places):
    data = "".join(words).encode()
    assert run(JsonRewriter(LAPTOP), cut(data, *places)) == run(JsonRewriter(LAPTOP), [data])


@given(st.binary(max_size=200), cuts())
def test_bytes_without_a_host_pass(data, places):
    assert run(JsonRewriter(LAPTOP), cut(data, *places)) == data


def test_flush_is_idempotent_and_lets_half_an_escape_go():
    rewriter = JsonRewriter(LAPTOP)
    assert rewriter.feed(b'{"a":"b\\') == b'{"a":"b'
    assert rewriter.flush() == b"\\"
    assert rewriter.flush() == b""


def test_a_token_does_not_wait():
    rewriter = JsonRewriter(LAPTOP)
    line = b'{"result":{"response":{"token":"It is https://gro","isThinking":false}}}\n'
    assert rewriter.feed(line) == line
    assert rewriter.feed(b'{"message":"https://gro') == b'{"message":"https://gro'
