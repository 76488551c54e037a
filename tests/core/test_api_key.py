"""What a key may do."""

import pytest

from core.api_key import (
    ApiKey,
    ApiKeyError,
    KeyRules,
    Usage,
    day_of,
    is_api_key,
    key_name,
    parse_addresses,
    parse_expiry,
    parse_models,
    spent,
)

NOW = 1_795_424_304.0


def key(*, enabled=True, last_used_at=None, **rules):
    return ApiKey(
        id=1,
        name="k",
        prefix="gm_abcdef",
        rules=KeyRules(**rules),
        enabled=enabled,
        created_at=0.0,
        last_used_at=last_used_at,
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (key(), None),
        (key(enabled=False), "disabled"),
        (key(expires_at=NOW), "expired"),
        (key(expires_at=NOW + 1), None),
        (key(networks=parse_addresses(["10.0.0.0/8"])), None),
        (key(networks=parse_addresses(["192.168.0.0/16, 2001:db8::/32"])), "address"),
    ],
)
def test_when_and_from_where(asked, expected):
    assert asked.objection("10.1.2.3", NOW) == expected


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("10.0.0.7", True),
        ("::ffff:10.0.0.7", True),
        ("10.0.1.7", False),
        ("", False),
        ("unix:", False),
        ("2001:db8::1", False),
    ],
)
def test_addresses(address, fits):
    asked = key(networks=parse_addresses(["10.0.0.0/24"]))
    assert (asked.objection(address, NOW) is None) is fits


@pytest.mark.parametrize(
    ("model", "allowed"),
    [
        ("grok-4", True),
        ("xai/Grok-4:latest", True),
        (" grok-4 ", True),
        ("grok-3-think", True),
        ("4", True),
        ("heavy", False),
        ("grok-4-heavy", False),
        ("grok-heavy", False),
        ("", False),
    ],
)
def test_models(model, allowed):
    assert key(models=parse_models("grok-4, grok-3*")).may_use(model) is allowed
    assert key().may_use(model)


@pytest.mark.parametrize(
    ("rules", "usage", "expected"),
    [
        ({}, Usage(10**6, 10**6), None),
        ({"day_limit": 3}, Usage(2, 99), None),
        ({"day_limit": 3}, Usage(3, 99), "day"),
        ({"month_limit": 9, "day_limit": 3}, Usage(3, 9), "month"),
        ({"day_limit": 0}, Usage(), "day"),
    ],
)
def test_limits(rules, usage, expected):
    assert spent(KeyRules(**rules), usage) == expected


def test_days_are_those_of_utc():
    assert day_of(0) == "1970-01-01"
    assert day_of(86_399.9) == "1970-01-01"
    assert day_of(86_400) == "1970-01-02"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30d", NOW + 30 * 86_400), ("12h", NOW + 43_200), ("2027-01-01", 1_798_761_600.0)],
)
def test_expiry(text, expected):
    assert parse_expiry(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "soon", "30", "2020-01-01", "2027-13-01", "-1d"])
def test_an_expiry_that_is_none_is_refused(text):
    with pytest.raises(ApiKeyError):
        parse_expiry(text, NOW)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "localhost", "1.2.3"])
def test_addresses_that_are_none_are_refused(text):
    with pytest.raises(ApiKeyError):
        parse_addresses([text])


def test_models_that_are_none_are_refused():
    assert parse_models("") == ()
    for text in ("grok 4!", "-x", "модель"):
        with pytest.raises(ApiKeyError):
            parse_models(text)


def test_names():
    assert key_name("  my   key ") == "my key"
    for text in ("", " ", "x" * 81, "a\x00b"):
        with pytest.raises(ApiKeyError):
            key_name(text)


def test_keys_are_recognised_by_their_look():
    assert is_api_key("gm_" + "x" * 43)
    assert not is_api_key("gm_" + "x" * 42)
    assert not is_api_key("sk-" + "x" * 43)


def test_use_is_written_down_once_a_minute():
    assert key().needs_touch(NOW)
    assert not key(last_used_at=NOW - 59).needs_touch(NOW)
    assert key(last_used_at=NOW - 60).needs_touch(NOW)
