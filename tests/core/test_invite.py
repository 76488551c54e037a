from dataclasses import replace

import pytest

from core.invite import Invite, InviteError, parse_span, parse_uses

INVITE = Invite(id=1, note="", created_at=0.0, expires_at=10.0, uses_left=1)


def test_an_invitation_is_open_while_it_lasts_and_has_uses() -> None:
    assert INVITE.is_open(9.9)
    assert not INVITE.is_open(10.0)
    assert not replace(INVITE, uses_left=0).is_open(0.0)


@pytest.mark.parametrize(("text", "seconds"), [("7d", 604_800), (" 12h ", 43_200)])
def test_spans(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "0d", "7", "d", "1w", "-1d", "99999d", "١d"])
def test_what_is_no_span_is_said(text: str) -> None:
    with pytest.raises(InviteError, match="not a time"):
        parse_span(text)


def test_uses() -> None:
    assert parse_uses(" 5 ") == 5
    for text in ("0", "", "many", "10001", "9" * 5000):
        with pytest.raises(InviteError, match="not a number"):
            parse_uses(text)
