from dataclasses import replace

from core.user import User

USER = User(id=1, name="a", display_name="A")


def test_who_may_sign_in() -> None:
    assert USER.may_sign_in(0)
    assert not replace(USER, enabled=False).may_sign_in(0)
    assert replace(USER, expires_at=5).may_sign_in(4)
    assert not replace(USER, expires_at=5).may_sign_in(5)
