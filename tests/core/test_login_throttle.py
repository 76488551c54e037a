import pytest

from core.login_throttle import (
    PER_EVERYBODY,
    PER_PEER,
    Attempts,
    after_failure,
    is_loopback,
    peer_key,
    wait_seconds,
)

NOBODY = Attempts()


def fail(
    times: int, limit: int = PER_PEER, now: float = 1000.0, start: Attempts = NOBODY
) -> Attempts:
    for _ in range(times):
        start = after_failure(start, limit, now)
    return start


def wait(
    peer: Attempts, now: float, *, loopback: bool = False, everybody: Attempts = NOBODY
) -> float:
    return wait_seconds(peer, everybody, now, loopback=loopback)


def test_four_wrong_passwords_are_free_and_the_fifth_blocks() -> None:
    assert wait(fail(4), 1000) == 0
    assert wait(fail(5), 1000) == 30


def test_each_further_block_is_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    attempts, now, waits = NOBODY, 1000.0, []
    for _ in range(8):
        attempts = fail(5, now=now, start=attempts)
        waits.append(wait(attempts, now))
        now += waits[-1]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_slow_tries_never_block() -> None:
    attempts = NOBODY
    for minute in range(100):
        attempts = after_failure(attempts, PER_PEER, 1000 + 61 * minute)
        assert wait(attempts, 1000 + 61 * minute) == 0


def test_an_hour_of_quiet_forgives() -> None:
    attempts = fail(5, now=1000)
    attempts = fail(5, now=1000 + 3700, start=attempts)
    assert wait(attempts, 4700) == 30


def test_loopback_is_slowed_but_never_locked_out() -> None:
    many = fail(500, now=1000)
    assert wait(many, 1000, loopback=True) == 5
    assert wait(NOBODY, 1000, loopback=True, everybody=fail(500, PER_EVERYBODY)) == 0


def test_everybody_together_waits_a_minute_at_most() -> None:
    everybody = fail(500, PER_EVERYBODY, now=1000)
    assert wait(NOBODY, 1000, everybody=everybody) == 60


def test_a_clock_set_back_two_days_does_not_stretch_a_block() -> None:
    assert wait(fail(5, now=1_000_000), 1_000_000 - 172_800) <= 900


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_a_peer_counts_as(address: str, key: str) -> None:
    assert peer_key(address) == key


def test_loopback_addresses() -> None:
    assert [is_loopback(a) for a in ("127.0.0.1", "::1", "10.0.0.1", "")] == [
        True,
        True,
        False,
        False,
    ]
