from dataclasses import replace

from core.account import Account, AccountStatus

ACCOUNT = Account(
    id=1, name="01", sso_token="SECRET", extra_cookies={"a": "SECRET"}, jar={"b": "SECRET"}
)


def test_secrets_are_not_in_the_repr() -> None:
    assert "SECRET" not in repr(ACCOUNT)


def test_usable_means_on_alive_and_not_cooling() -> None:
    assert ACCOUNT.is_usable(0)
    assert not replace(ACCOUNT, enabled=False).is_usable(0)
    assert not replace(ACCOUNT, status=AccountStatus.SIGNED_OUT).is_usable(0)
    assert replace(ACCOUNT, status=AccountStatus.CHALLENGED).is_usable(0)
    assert not replace(ACCOUNT, cooling_until=5).is_usable(4)
    assert replace(ACCOUNT, cooling_until=5).is_usable(5)
