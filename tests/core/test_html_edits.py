"""The two edits of a page, at every cut, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.html_edits import HtmlEdits
from tests.core.streams import cut, cuts, run, same_at_every_cut

SNIPPET = b"<i>ad</i>"
HASHES = {
    "an attribute": ('<a integrity="sha256-x">', '<a data-integrity="sha256-x">'),
    "single quotes": ("<a integrity='sha512-x'>", "<a data-integrity='sha512-x'>"),
    "after another attribute": ('<a b="c"integrity="sha">', '<a b="c"data-integrity="sha">'),
    "on a new line": ('<a\nintegrity="sha">', '<a\ndata-integrity="sha">'),
    "in JSON": ('{"integrity":"sha256-x"}', '{"data-integrity":"sha256-x"}'),
    "in a flight payload": (r"{\"integrity\":\"sha256-x\"}", r"{\"data-integrity\":\"sha256-x\"}"),
    "in a payload, escaped twice": (
        r"\\\"integrity\\\":\\\"sha",
        r"\\\"data-integrity\\\":\\\"sha",
    ),
    "twice": (
        '<a integrity="sha"><b integrity="sha">',
        '<a data-integrity="sha"><b data-integrity="sha">',
    ),
}
UNTOUCHED = {
    "already renamed": '<a data-integrity="sha256-x">',
    "a property in a script": 'e.integrity="sha256-x";a,integrity="sha"',
    "not a hash": '<a integrity="" b> "integrity":"high" integrity="x"',
    "prose": "the integrity of shares",
    "half a literal at the end": '<a integrity="sh',
    "mixed quotes": r'{"integrity\":"sha"}',
    "metas": '<meta name="grok-site-verification" content="c2VlZA=="><meta name="b" content="a=b">',
}
HEADS = {
    "a page": ("<head></head><body></head>", f"<head>{SNIPPET.decode()}</head><body></head>"),
    "capitals": ("<HEAD></HEAD>", f"<HEAD>{SNIPPET.decode()}</HEAD>"),
    "a space": ("</head >", f"{SNIPPET.decode()}</head >"),
    "a script that says it": (
        '<script>"</head>"</script></head>',
        f'<script>"</head>"</script>{SNIPPET.decode()}</head>',
    ),
    "a comment that says it": (
        "<!-- </head> --></head>",
        f"<!-- </head> -->{SNIPPET.decode()}</head>",
    ),
    "a title that says it": (
        "<title></head></title></head>",
        f"<title></head></title>{SNIPPET.decode()}</head>",
    ),
    "no head": ("<p>hello<", "<p>hello<"),
    "a header": ("</header></heads>", "</header></heads>"),
    "a script without end": ("<script></head>", "<script></head>"),
    "a tag that only begins like a script": (
        "<scripty></head>",
        f"<scripty>{SNIPPET.decode()}</head>",
    ),
}


@pytest.mark.parametrize(("page", "expected"), HASHES.values(), ids=HASHES)
def test_hashes_are_renamed_at_every_cut(page, expected):
    assert same_at_every_cut(HtmlEdits, page.encode()) == expected.encode()


@pytest.mark.parametrize("page", UNTOUCHED.values(), ids=UNTOUCHED)
def test_left_alone_at_every_cut(page):
    assert same_at_every_cut(HtmlEdits, page.encode()) == page.encode()


@pytest.mark.parametrize(("page", "expected"), HEADS.values(), ids=HEADS)
def test_the_snippet_at_every_cut(page, expected):
    assert same_at_every_cut(lambda: HtmlEdits(SNIPPET), page.encode()) == expected.encode()


def test_no_snippet_no_insertion():
    assert run(HtmlEdits(), [b"<head></head>"]) == b"<head></head>"


_SPELLED = (
    '<script> </script> <!-- --> - < </head> </HEAD > <title> </title integrity="sha '
    '"integrity":"sha \\"integrity\\":\\"sha integrity = " é'
)
_WORDS = st.sampled_from(_SPELLED.split())


@given(
    st.lists(_WORDS, max_size=16).map(" ".join) | st.lists(_WORDS, max_size=16).map("".join), cuts()
)
def test_any_cut_gives_the_same(page, places):
    data = page.encode()
    assert run(HtmlEdits(SNIPPET), cut(data, *places)) == run(HtmlEdits(SNIPPET), [data])


@given(st.binary(max_size=200), cuts())
def test_other_bytes_pass(data, places):
    assert run(HtmlEdits(SNIPPET), cut(data, *places)) == data
