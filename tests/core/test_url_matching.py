"""One URL at one place, and when the end of the text is too early to say."""

import pytest

from core.url_matching import WAIT, Hit, prefixes_of, to_mirror, to_upstream
from tests.core.test_origins import LAPTOP

THERE, BACK = to_mirror(LAPTOP), to_upstream(LAPTOP)


CUT_OFF = (
    *("", "h", "https:/", "https://", "https://cdn.gr", "https://grok.com", "https://grok.com:44"),
    *("https://grok.com.", r"https://grok.com\u00", "https%3A%2F%2Fgrok.com%", r"https:\u002F\u00"),
)


@pytest.mark.parametrize("text", CUT_OFF)
def test_the_end_is_too_early(text):
    assert THERE.match_at(text.encode(), 0, final=False) is WAIT
    assert THERE.match_at(text.encode(), 0, final=True) is not WAIT


@pytest.mark.parametrize(
    "text", ["x", "httq", "https://x", "https://grok.com:445", "https://grok.coma"]
)
def test_no_more_text_can_make_it_a_mapped_url(text):
    assert THERE.match_at(text.encode(), 0, final=False) is None


def test_a_hit_ends_with_the_host_name_and_its_port():
    text = b"see https://cdn.grok.com:443/a"
    assert THERE.match_at(text, 4, final=False) == Hit(28, b"http://127.0.0.1:8080/-/cdn.grok.com")


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/-/c", "http://127.0.0.1:8080/-"])
def test_the_mirrors_prefix_may_still_come(text):
    assert BACK.match_at(text.encode(), 0, final=False) is WAIT


def test_a_page_of_the_mirror_is_none_of_groks():
    assert BACK.match_at(b"http://127.0.0.1:8080/-/cars", 0, final=True) is None


def test_what_was_compiled_is_shared():
    assert to_mirror(LAPTOP) is THERE


def test_prefixes():
    assert prefixes_of([b"ab", b"c"]) == {b"", b"a"}
