import pytest

from core.weak_secrets import is_placeholder, weakness


@pytest.mark.parametrize(
    "secret", ["", " ", "xxx1", "XXX2", "xxxxxxxxxxxxxxxx", "None", "null", "<xxx>", "your-key"]
)
def test_what_samples_show_counts_as_not_set(secret: str) -> None:
    assert is_placeholder(secret)


@pytest.mark.parametrize("secret", ["sk-0123456789ab", "xylophone", "0"])
def test_what_somebody_chose_is_no_placeholder(secret: str) -> None:
    assert not is_placeholder(secret)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("xxx1", "well-known"),
        ("admin", "well-known"),
        ("Password1234", "well-known"),
        ("ChangeMeChangeMe", "well-known"),
        ("eleven-char", "shorter than 12"),
        ("aaaaaaaaaaaaaaaaaaaa", "same few characters"),
        ("the-same-secret-twice", "AUTHORIZATION"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(password: str, reason: str) -> None:
    told = weakness(password, ("other", "the-same-secret-twice"))
    assert told is not None
    assert reason in told
    assert password not in told


@pytest.mark.parametrize("password", ["correct-horse-battery", "这个密码足够长因此可以使用"])
def test_strong_passwords_pass(password: str) -> None:
    assert weakness(password) is None
