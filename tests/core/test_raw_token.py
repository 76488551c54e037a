"""What may be sent to Grok as a caller's own token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.raw_token import may_be_raw_token, resembles

HEAD = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"
TOKEN = f"{HEAD}.eyJzZXNzaW9uX2lkIjoiYWJjZGVmZ2gifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
OTHER = f"{HEAD}.eyJzZXNzaW9uX2lkIjoienp6enp6enp6In0.YW5vdGhlci1zaWduYXR1cmUtdGhlcmU"
KEY = "sk-operators-own-secret-key"


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY,
        "a.b.c",
        "aaaaaaaa.bbbbbbbb.cccccccccc",
        f"{HEAD}.bm90LWpzb24.c2lnbmF0dXJl",
        f"{HEAD}.W10.c2lnbmF0dXJl",
        f"eyJ0eXAiOiJKV1QifQ.{TOKEN.partition('.')[2]}",
        f"gm_{TOKEN}",
        f"{TOKEN}; sso-rw=x",
        f"{TOKEN}\n",
        TOKEN * 200,
    ],
)
def test_what_is_no_token_stays(text):
    assert not may_be_raw_token(text, ())


def test_a_token_may_go():
    assert may_be_raw_token(TOKEN, ())
    assert may_be_raw_token(TOKEN, (KEY, OTHER))


@pytest.mark.parametrize(
    "slip",
    [
        TOKEN,
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN[:60] + TOKEN[61:],
        TOKEN[:60] + "Q" + TOKEN[61:],
        TOKEN.swapcase(),
        f"{HEAD}.{TOKEN.partition('.')[2].upper()}",
    ],
)
def test_a_key_with_a_slip_in_it_is_still_the_key(slip):
    assert resembles(slip, TOKEN)
    assert not may_be_raw_token(slip, (KEY, TOKEN))


def test_a_key_within_a_token_is_noticed():
    payload = "eyJzZXNzaW9uX2lkIjoiYWJjZGVmZ2gifQ"
    assert not may_be_raw_token(f"{HEAD}.{payload}.{KEY}", (KEY,))


@given(st.text(max_size=60), st.text(max_size=60))
def test_resemblance_has_an_answer_for_everything(a, b):
    assert resembles(a, b) == resembles(b, a)
