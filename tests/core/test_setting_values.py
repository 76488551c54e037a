import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.setting_values import clean, is_loopback, parse_listen, parse_origin, shown


@pytest.mark.parametrize(
    ("raw", "kept", "had_comment"),
    [
        pytest.param(
            "xxx1 # 设置管理后台密码", "xxx1", True, id="docker keeps the comment, we do not"
        ),
        pytest.param(" # only a comment", "", True, id="only a comment"),
        pytest.param("# only a comment", "", True, id="a comment at the very beginning"),
        pytest.param("#fff", "#fff", False, id="a value that begins with a hash"),
        pytest.param("a#b", "a#b", False, id="no space before the hash"),
        pytest.param("a\t#b", "a", True, id="a tab before the hash"),
        pytest.param('"a # b"', "a # b", False, id="double quotes keep the hash"),
        pytest.param("'a' # b", "a", True, id="a comment after quotes"),
        pytest.param("'a\"", "'a\"", False, id="quotes that do not match stay"),
        pytest.param("it's", "it's", False, id="an apostrophe is no quote"),
        pytest.param('""', "", False, id="empty quotes"),
        pytest.param("a # 1\nb # 2", "a\nb", True, id="a comment on each line of a list"),
        pytest.param("  a  ", "a", False, id="spaces around"),
    ],
)
def test_clean(raw: str, kept: str, had_comment: bool) -> None:
    assert clean(raw) == (kept, had_comment)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("<a href='#x'>b</a>", "<a href='#x'>b</a>"),
        ("<b>see #1</b> # the ad", "<b>see #1</b>"),
        ("<script>\n#x = 1\n</script>", "<script>\n#x = 1\n</script>"),
    ],
)
def test_in_markup_only_the_end_can_be_a_comment(raw: str, kept: str) -> None:
    assert clean(raw, markup=True)[0] == kept


@given(st.text())
def test_cleaning_twice_changes_no_plain_value(text: str) -> None:
    once, _ = clean(text)
    if not set(once) & set("#'\""):
        assert clean(once) == (once, False)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8081", ("127.0.0.1", 8081)),
        ("[::]:1", ("::", 1)),
        ("localhost:65535", ("localhost", 65535)),
        ("8081", ("127.0.0.1", 8081)),
    ],
)
def test_listen_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_listen(text) == address


@given(st.text())
def test_an_origin_is_normal_or_refused(text: str) -> None:
    try:
        origin = parse_origin(f"https://{text}")
    except ValueError:
        return
    assert parse_origin(origin) == origin
    assert origin.count("/") == 2


def test_loopback() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "box.example"))


def test_what_is_shown_holds_no_user_info_and_is_short() -> None:
    assert "hunter2" not in shown("http://me:hunter2@host")
    assert len(shown("x" * 1000)) < 50
