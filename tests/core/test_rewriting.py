"""Mapped URLs in text: every spelling, every neighbour, every cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.origins import MirrorOrigin, Origins
from core.rewriting import TextRewriter, TextUnrewriter
from core.url_styles import STYLES
from tests.core.streams import cut, cuts, run, same_at_every_cut
from tests.core.test_origins import HOSTS, LAPTOP, PUBLIC, SIX

HITS = {
    "plain": ("https://grok.com/c", "http://127.0.0.1:8080/c"),
    "plain http": ("http://grok.com/c", "http://127.0.0.1:8080/c"),
    "a socket": ("'wss://grok.com/ws/mgw/'", "'ws://127.0.0.1:8080/ws/mgw/'"),
    "without scheme": ('"//cdn.grok.com/a"', '"//127.0.0.1:8080/-/cdn.grok.com/a"'),
    "in a style": ("url(//cdn.grok.com/f)", "url(//127.0.0.1:8080/-/cdn.grok.com/f)"),
    "escaped slashes": (
        r"https:\/\/cdn.grok.com\/a",
        r"http:\/\/127.0.0.1:8080\/-\/cdn.grok.com\/a",
    ),
    "escaped twice": (r"https:\\/\\/cdn.grok.com", r"http:\\/\\/127.0.0.1:8080\\/-\\/cdn.grok.com"),
    "unicode escapes": (
        r"https:\u002F\u002Fcdn.grok.com\u002Fa",
        r"http:\u002F\u002F127.0.0.1:8080\u002F-\u002Fcdn.grok.com\u002Fa",
    ),
    "small unicode escapes": (
        r"wss:\u002f\u002fgrok.com\u002f",
        r"ws:\u002f\u002f127.0.0.1:8080\u002f",
    ),
    "unicode escapes, twice": (
        r"https:\\u002F\\u002Fgrok.com",
        r"http:\\u002F\\u002F127.0.0.1:8080",
    ),
    "percent-encoded": (
        "r=https%3A%2F%2Fcdn.grok.com%2Fa",
        "r=http%3A%2F%2F127.0.0.1%3A8080%2F-%2Fcdn.grok.com%2Fa",
    ),
    "percent-encoded, small": ("https%3a%2f%2fgrok.com%2fa", "http%3a%2f%2f127.0.0.1%3a8080%2fa"),
    "percent-encoded twice": (
        "https%253A%252F%252Fgrok.com%26a",
        "http%253A%252F%252F127.0.0.1%253A8080%26a",
    ),
    "percent-encoded after a quote": (
        "%22https%3A%2F%2Fgrok.com%22",
        "%22http%3A%2F%2F127.0.0.1%3A8080%22",
    ),
    "the default port": ("https://grok.com:443/c", "http://127.0.0.1:8080/c"),
    "the default port, encoded": (
        "https%3A%2F%2Fgrok.com%3A443%2F",
        "http%3A%2F%2F127.0.0.1%3A8080%2F",
    ),
    "the end of a sentence": ("See https://grok.com. Now", "See http://127.0.0.1:8080. Now"),
    "the end of everything": ("https://grok.com.", "http://127.0.0.1:8080."),
    "in a flight payload": (r"\"https://grok.com\"", r"\"http://127.0.0.1:8080\""),
    "after an escaped line end": (r"a\nhttps://grok.com", r"a\nhttp://127.0.0.1:8080"),
    "after an escaped quote": (
        r"\u0022https://grok.com\u0022",
        r"\u0022http://127.0.0.1:8080\u0022",
    ),
    "www": ("https://www.grok.com/", "http://127.0.0.1:8080/"),
    "another domain": (
        "https://imagine-public.x.ai/i",
        "http://127.0.0.1:8080/-/imagine-public.x.ai/i",
    ),
    "inside another URL": ("blob:https://grok.com/1", "blob:http://127.0.0.1:8080/1"),
    "two in a row": (
        "https://grok.com,https://grok.com",
        "http://127.0.0.1:8080,http://127.0.0.1:8080",
    ),
}
MISSES = {
    "a bare name": 'host==="grok.com"||"cdn.grok.com"',
    "a longer name before": "https://notgrok.com/ https://not-grok.com https://x.grok.com",
    "a longer name behind": "https://grok.com.au https://grok.community https://grok.com.evil.example/",
    "a longer name, escaped": r"https:\/\/grok.com.evil.example\/ https://grok.com\u002eevil https://grok.com\x2eevil",
    "a longer name, encoded": "https%3A%2F%2Fgrok.com.evil https%3A%2F%2Fgrok.com%2Eevil",
    "a longer name with an underscore or hyphen": "https://grok.com_x https://grok.com-x",
    "a name that goes on in another script": "https://grok.comé https://grok.com。evil",
    "a percent sign in the name": "https://grok.com%2Eevil.example/",
    "a longer scheme": "xhttps://grok.com git+https://grok.com x-wss://grok.com",
    "another scheme": "ftp://grok.com javascript://grok.com",
    "a user name": "https://u@grok.com https://grok.com@evil.example https://grok.com:p@evil",
    "a user name, escaped": r"https://grok.com\u0040evil https%3A%2F%2Fgrok.com%40evil",
    "a user name after the port": "https://grok.com:443@evil.example/",
    "another port": "https://grok.com:444/ https://grok.com:4430 https%3A%2F%2Fgrok.com%3A8443",
    "a path": "https://evil.example//grok.com/ https://evil.example/grok.com",
    "styles mixed": r"https:\//grok.com https:/\/grok.com https%3A//grok.com",
    "three slashes": "https:///grok.com",
    "words run together": "seehttps://grok.com",
}


@pytest.mark.parametrize(("text", "expected"), HITS.values(), ids=HITS)
def test_rewritten_at_every_cut(text, expected):
    assert same_at_every_cut(lambda: TextRewriter(LAPTOP), text.encode()) == expected.encode()


@pytest.mark.parametrize("text", MISSES.values(), ids=MISSES)
def test_left_alone_at_every_cut(text):
    assert same_at_every_cut(lambda: TextRewriter(LAPTOP), text.encode()) == text.encode()


def test_https_and_ipv6_mirrors():
    text = b"wss://grok.com/ https%3A%2F%2Fgrok.com"
    assert (
        run(TextRewriter(PUBLIC), [text])
        == b"wss://grok.example.org/ https%3A%2F%2Fgrok.example.org"
    )
    assert run(TextRewriter(SIX), [text]) == b"wss://[::1]:8443/ https%3A%2F%2F%5B%3A%3A1%5D%3A8443"


@pytest.mark.parametrize("origins", [LAPTOP, PUBLIC, SIX], ids=["ipv4", "name", "ipv6"])
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.slash)
def test_back_to_the_upstream(origins, style):
    for url in ("https://grok.com/c", "wss://cdn.grok.com/", "https://assets.grok.com"):
        text = b'"' + style.spell(url) + b'"'
        there = same_at_every_cut(lambda: TextRewriter(origins), text)
        assert there != text
        assert same_at_every_cut(lambda: TextUnrewriter(origins), there) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8080/-/sign-in http://127.0.0.1:8080/-/",
        r"http:\/\/127.0.0.1:8080\/-\/evil.example\/",
        "http://127.0.0.1:8080/-/cdn.grok.community http://127.0.0.1:8080/-/cdn.grok.com.evil",
        "http://127.0.0.1:80801 http://127.0.0.1:8080.evil http://127.0.0.1:8080@evil",
        "http://127.0.0.1 http://127.0.0.1:8081/ 127.0.0.1:8080",
    ],
)
def test_the_mirrors_own_urls_stay(text):
    assert same_at_every_cut(lambda: TextUnrewriter(LAPTOP), text.encode()) == text.encode()


def test_a_path_that_begins_with_a_hyphen_is_the_main_hosts():
    assert run(TextUnrewriter(LAPTOP), [b"http://127.0.0.1:8080/-x"]) == b"https://grok.com/-x"


def test_a_mirror_with_one_host():
    alone = Origins(MirrorOrigin("http", "localhost:1"), HOSTS[:1])
    own = b"http://localhost:1/-/cars http://localhost:1/c"
    assert same_at_every_cut(lambda: TextUnrewriter(alone), own).endswith(b" https://grok.com/c")


_WORDS = (
    "https http wss ftp : // / \\/ \\\\/ \\u002F \\u002f %3A %2F %253A %252F cdn. grok.com assets. "
    'www. not imagine-public.x.ai . :443 :80 :444 @ - " \\ é %22 %40 \\u0040 127.0.0.1:8080 '
    "127.0.0.1%3A8080 /-/ %2F-%2F cdn.grok.com https:// https://grok.com http://127.0.0.1:8080 "
    "https:\\/\\/ https%3A%2F%2F \\u002F-"
)
_PIECES = st.sampled_from(_WORDS.split())


@given(st.lists(_PIECES, max_size=16).map("".join), cuts())
def test_any_cut_gives_the_same(text, places):
    data = text.encode()
    for make in (TextRewriter, TextUnrewriter):
        assert run(make(LAPTOP), cut(data, *places)) == run(make(LAPTOP), [data])


@given(st.binary(max_size=200), cuts())
def test_bytes_without_a_host_pass(data, places):
    assert run(TextRewriter(LAPTOP), cut(data, *places)) == data


@pytest.mark.parametrize(
    ("data", "held"),
    [
        (b"no URL in sight", b""),
        (b"see https:", b"https:"),
        (b'a "/', b"/"),
        (b"see https://gro", b"https://gro"),
        (b"see https://grow", b""),
        (b"see https://grok.com", b"https://grok.com"),
        (b"see https://grok.com.", b"https://grok.com."),
        (b"see https://grok.com/", b""),
        (b"with", b""),
        (b"wit h", b"h"),
    ],
)
def test_only_what_may_become_a_url_waits(data, held):
    rewriter = TextRewriter(LAPTOP)
    rewriter.feed(data)
    assert rewriter._held == held


def test_flush_is_idempotent():
    rewriter = TextRewriter(LAPTOP)
    assert rewriter.feed(b"https://grok.com") == b""
    assert rewriter.flush() == b"http://127.0.0.1:8080"
    assert rewriter.flush() == b""


def test_the_page_of_the_protocol_notes():
    page = (
        rb'<script src="https://cdn.grok.com/_next/static/chunks/main.js" async></script>'
        rb'<script>self.__next_f.push([1,"3:[\"$\",\"img\",null,{\"src\":\"https:\/\/assets.grok.com'
        rb'/users/u/f/content\",\"ws\":\"wss:\u002F\u002Fgrok.com\u002Fws\u002Fmgw\u002F\"}]"])</script>'
    )
    rewritten = run(TextRewriter(LAPTOP), [page])
    assert b'src="http://127.0.0.1:8080/-/cdn.grok.com/_next/static/chunks/main.js"' in rewritten
    assert rb"\"http:\/\/127.0.0.1:8080\/-\/assets.grok.com/users/u/f/content\"" in rewritten
    assert rb"\"ws:\u002F\u002F127.0.0.1:8080\u002Fws\u002Fmgw\u002F\"" in rewritten
    assert run(TextUnrewriter(LAPTOP), [rewritten]) == page
