import pytest

from core.same_origin import is_own_request, local_path

OWN = "https://grok.example.com"


@pytest.mark.parametrize(
    ("origin", "fetch_site", "own"),
    [
        pytest.param(OWN, "same-origin", True, id="our form"),
        pytest.param("HTTPS://GROK.example.com", None, True, id="our form, plain http browser"),
        pytest.param(None, "same-origin", True, id="no Origin but Sec-Fetch-Site"),
        pytest.param(None, None, False, id="neither header"),
        pytest.param(None, "cross-site", False, id="another site, no Origin"),
        pytest.param("null", None, False, id="a sandboxed frame"),
        pytest.param("https://evil.example", "same-origin", False, id="another origin"),
        pytest.param("http://grok.example.com", None, False, id="our name without TLS"),
        pytest.param(OWN + ":8443", None, False, id="our name on another port"),
        pytest.param(OWN, "same-site", False, id="Sec-Fetch-Site disagrees"),
    ],
)
def test_a_post_is_ours_or_not(origin: str | None, fetch_site: str | None, own: bool) -> None:
    assert is_own_request(OWN, origin, fetch_site) is own


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil",
        "https://evil",
        "javascript:alert(1)",
        "",
        "a/b",
        "/a b",
        "/a\n",
        None,
        "/" + "a" * 3000,
    ],
)
def test_next_never_leaves_the_origin(wanted: str | None) -> None:
    assert local_path(wanted, "/d") == "/d"


@pytest.mark.parametrize("wanted", ["/", "/c/123?q=1", "/-/cars", "/a//b"])
def test_next_may_be_a_local_path(wanted: str) -> None:
    assert local_path(wanted, "/d") == wanted
