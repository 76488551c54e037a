import pytest

from core.bridge_call import ACCOUNT, AVOID, CALLER, SSO, BridgeCall, parse_bridge_call

TOKEN = b"eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("headers", "call"),
    [
        ({CALLER: b"env"}, BridgeCall("env")),
        ({CALLER: b"key:7", ACCOUNT: b"3"}, BridgeCall("key:7", 3)),
        ({CALLER: b"user:1", AVOID: b"3, 4,"}, BridgeCall("user:1", None, frozenset({3, 4}))),
        ({CALLER: b"sso", SSO: TOKEN}, BridgeCall("sso", sso_token=TOKEN.decode())),
    ],
)
def test_a_call_is_read(headers, call):
    assert parse_bridge_call(headers) == call


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {CALLER: b"root"},
        {CALLER: b"key:"},
        {CALLER: b"env", ACCOUNT: b"-1"},
        {CALLER: b"env", ACCOUNT: b"one"},
        {CALLER: b"env", AVOID: b"1,x"},
        {CALLER: b"sso"},
        {CALLER: b"env", SSO: TOKEN},
        {CALLER: b"sso", SSO: b"a;b"},
        {CALLER: b"sso", SSO: TOKEN + b"\xff"},
    ],
)
def test_what_the_bridge_would_not_say_is_refused(headers):
    assert parse_bridge_call(headers) is None


def test_an_own_token_is_an_account_that_is_not_stored():
    call = parse_bridge_call({CALLER: b"sso", SSO: TOKEN})
    assert not call.own_account.is_stored
    assert TOKEN.decode() not in repr(call)
    assert BridgeCall("env").own_account is None
