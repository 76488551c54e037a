"""Who may read an answer of the API from a page."""

from core.cors import permission

PAGE = "https://app.example"


def test_every_page_may():
    assert dict(permission(("*",), PAGE))["Access-Control-Allow-Origin"] == "*"
    assert dict(permission(("*",), ""))["Access-Control-Allow-Origin"] == "*"


def test_those_that_are_listed_may():
    found = dict(permission((PAGE,), PAGE))
    assert found["Access-Control-Allow-Origin"] == PAGE
    assert found["Vary"] == "Origin"
    assert "retry-after" in found["Access-Control-Expose-Headers"]


def test_others_may_not():
    assert permission((PAGE,), "https://app.example.evil") == []
    assert permission((PAGE,), "null") == []
    assert permission((), PAGE) == []
    assert permission((PAGE,), "") == []
