"""Which query parameters hold URLs; keys of JSON are tested with core.json_urls."""

import pytest

from core.url_keys import is_url_name


@pytest.mark.parametrize(
    "name", ["url", "imageUrl", "callback_URI", "redirect", "returnTo", "next"]
)
def test_names_that_hold_urls(name):
    assert is_url_name(name)


@pytest.mark.parametrize("name", ["q", "query", "searchQuery", "text", "message", "urlText", ""])
def test_names_that_hold_what_a_person_wrote(name):
    assert not is_url_name(name)
