import pytest

from core.mirror_session import (
    IDLE_SECONDS,
    LIFE_SECONDS,
    MirrorSession,
    cookie_name,
    is_alive,
    needs_touch,
    secret_hash,
    short_user_agent,
)


def session(last_seen: float = 0.0) -> MirrorSession:
    return MirrorSession(
        id=1,
        user_id=1,
        user_name="a",
        display_name="A",
        account_id=None,
        created_at=0.0,
        last_seen_at=last_seen,
        expires_at=LIFE_SECONDS,
    )


def test_a_session_dies_of_rest_and_of_age() -> None:
    assert is_alive(session(), IDLE_SECONDS)
    assert not is_alive(session(), IDLE_SECONDS + 1)
    assert is_alive(session(LIFE_SECONDS - 10), LIFE_SECONDS - 1)
    assert not is_alive(session(LIFE_SECONDS - 10), LIFE_SECONDS)


def test_last_use_is_written_rarely() -> None:
    assert not needs_touch(session(100), 399)
    assert needs_touch(session(100), 400)


def test_the_cookie_is_host_bound_over_https_only() -> None:
    assert cookie_name("https") == "__Host-mirror_session"
    assert cookie_name("http") == "mirror_session"


def test_any_cookie_value_can_be_looked_up() -> None:
    assert len(secret_hash("\udcff ü")) == 64


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 20 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8.0", "curl"),
        ("", ""),
    ],
)
def test_a_browser_in_two_words(text: str, short: str) -> None:
    assert short_user_agent(text) == short
