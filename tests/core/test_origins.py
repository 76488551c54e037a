"""Which URLs have a counterpart on the other side, and which must never get one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.origins import MirrorOrigin, Origins, UpstreamHost

HOSTS = (
    UpstreamHost("grok.com", cookies=True),
    UpstreamHost("cdn.grok.com"),
    UpstreamHost("assets.grok.com", cookies=True, sandbox=True),
    UpstreamHost("imagine-public.x.ai"),
)
LAPTOP = Origins(MirrorOrigin("http", "127.0.0.1:8080"), HOSTS)
PUBLIC = Origins(MirrorOrigin("https", "grok.example.org"), HOSTS)
SIX = Origins(MirrorOrigin("https", "[::1]:8443"), HOSTS)

MAPPED = {
    "the main host keeps its path": (
        "https://grok.com/c/1?rid=2#x",
        "http://127.0.0.1:8080/c/1?rid=2#x",
    ),
    "the bare main host": ("https://grok.com", "http://127.0.0.1:8080"),
    "a query without a path": ("https://grok.com?a=1", "http://127.0.0.1:8080?a=1"),
    "a further host gets a prefix": (
        "https://cdn.grok.com/_next/a.js",
        "http://127.0.0.1:8080/-/cdn.grok.com/_next/a.js",
    ),
    "a socket keeps being one": ("wss://grok.com/ws/mgw/", "ws://127.0.0.1:8080/ws/mgw/"),
    "a URL without scheme": ("//cdn.grok.com/a", "//127.0.0.1:8080/-/cdn.grok.com/a"),
}
MAPPED_ONE_WAY = {
    "plain http": ("http://grok.com/a", "http://127.0.0.1:8080/a"),
    "www is the main host": ("https://www.grok.com/a", "http://127.0.0.1:8080/a"),
    "the default port goes": ("https://grok.com:443/a", "http://127.0.0.1:8080/a"),
    "the default port of http": ("http://grok.com:80/a", "http://127.0.0.1:8080/a"),
    "capitals": ("HTTPS://CDN.Grok.Com/A", "http://127.0.0.1:8080/-/cdn.grok.com/A"),
}
NOT_MAPPED = {
    "a longer name before": "https://notgrok.com/",
    "a name that only begins so": "https://grok.com.evil.example/",
    "a user name": "https://user@grok.com/",
    "the host as user name": "https://grok.com@evil.example/",
    "the host and a password": "https://grok.com:443@evil.example/",
    "a backslash trick": "https://grok.com\\@evil.example/",
    "another port": "https://grok.com:444/",
    "the port of the other scheme": "http://grok.com:443/",
    "a host that is not mapped": "https://accounts.x.ai/sign-in",
    "another scheme": "ftp://grok.com/",
    "a script": "javascript://grok.com/%0aalert(1)",
    "a path": "/c/1",
    "a bare name": "grok.com/c/1",
    "a line end in the name": "https://grok.com\n.evil.example/",
    "nothing": "",
    "a path of the mirror's own": "https://grok.com/-/sign-out",
    "a further host in a path of the main one": "https://grok.com/-/cdn.grok.com/a",
}


@pytest.mark.parametrize(("upstream", "mirror"), MAPPED.values(), ids=MAPPED)
def test_both_ways(upstream, mirror):
    assert LAPTOP.to_mirror_url(upstream) == mirror
    assert LAPTOP.to_upstream_url(mirror) == upstream


@pytest.mark.parametrize(("upstream", "mirror"), MAPPED_ONE_WAY.values(), ids=MAPPED_ONE_WAY)
def test_to_the_mirror(upstream, mirror):
    assert LAPTOP.to_mirror_url(upstream) == mirror


@pytest.mark.parametrize("url", NOT_MAPPED.values(), ids=NOT_MAPPED)
def test_never_mapped(url):
    assert LAPTOP.to_mirror_url(url) is None


def test_the_scheme_of_the_mirror_decides():
    assert PUBLIC.to_mirror_url("wss://grok.com/ws") == "wss://grok.example.org/ws"
    assert PUBLIC.to_mirror_url("http://grok.com/") == "https://grok.example.org/"
    assert SIX.to_mirror_url("https://grok.com/") == "https://[::1]:8443/"
    assert SIX.to_upstream_url("wss://[::1]:8443/ws") == "wss://grok.com/ws"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/-/sign-in",
        "http://127.0.0.1:8080/-/evil.example/x",
        "http://127.0.0.1:8080/-",
        "http://127.0.0.1:8081/",
        "http://127.0.0.1:8080@evil.example/",
        "https://grok.com/",
    ],
)
def test_what_is_not_the_mirror_of_anything(url):
    assert LAPTOP.to_upstream_url(url) is None


def test_a_default_port_is_not_part_of_the_mirror_origin():
    assert MirrorOrigin("https", "Grok.Example.org:443").url == "https://grok.example.org"
    assert MirrorOrigin("http", "a:80").ws_url == "ws://a"


@pytest.mark.parametrize(
    ("path", "host", "rest"),
    [
        ("/-/cdn.grok.com/x?y", "cdn.grok.com", "/x?y"),
        ("/-/cdn.grok.com", "cdn.grok.com", "/"),
        ("/-/cdn.grok.com?y=/", "cdn.grok.com", "/?y=/"),
        ("/-/cdn.grok.com//x", "cdn.grok.com", "//x"),
    ],
)
def test_split_path(path, host, rest):
    split = LAPTOP.split_path(path)
    assert split is not None
    assert (split[0].name, split[1]) == (host, rest)


@pytest.mark.parametrize(
    "path",
    ["/c/1", "/-/sign-in", "/-/evil.example/", "/-/grok.com/", "/-/cdn.grok.com@evil/", "/-/"],
)
def test_split_path_of_anything_else(path):
    assert LAPTOP.split_path(path) is None


@pytest.mark.parametrize(
    ("query", "upstream"),
    [
        (
            "redirect=http%3A%2F%2F127.0.0.1%3A8080%2Fc%2F1&a=b",
            "redirect=https%3A%2F%2Fgrok.com%2Fc%2F1&a=b",
        ),
        ("returnUrl=http://127.0.0.1:8080/c", "returnUrl=https://grok.com/c"),
        ("searchQuery=http://127.0.0.1:8080/c", "searchQuery=http://127.0.0.1:8080/c"),
        ("next=/c/1&&flag&x=%zz", "next=/c/1&&flag&x=%zz"),
        ("", ""),
    ],
)
def test_only_url_valued_parameters_are_mapped(query, upstream):
    assert LAPTOP.query_to_upstream(query) == upstream


_TAILS = st.one_of(
    st.just(""), st.from_regex(r"[/?#][^\s]*", fullmatch=True).filter(lambda t: t[:2] != "/-")
)


@given(st.sampled_from(HOSTS), st.sampled_from(["https:", "wss:", ""]), _TAILS)
def test_there_and_back(host, scheme, tail):
    url = f"{scheme}//{host.name}{tail}"
    for origins in (LAPTOP, PUBLIC, SIX):
        mirror = origins.to_mirror_url(url)
        assert mirror is not None
        assert origins.to_upstream_url(mirror) == url


@given(st.text(alphabet="htps:/grok.comw-@\\#?%4.x\n", max_size=40))
def test_no_text_maps_to_another_authority(text):
    mapped = LAPTOP.to_mirror_url(text)
    assert mapped is None or mapped.partition("//")[2].startswith("127.0.0.1:8080")
