"""Counters of wrong passwords, shared by all processes; the arithmetic is `core.login_throttle`."""

from dataclasses import asdict

from core import login_throttle as throttle
from core.login_throttle import Attempts
from db.connection import call, writing
from db.tables import AttemptsRow

_FORGET_AFTER = 86_400.0


@call
def login_wait(address: str, now: float) -> float:
    """Seconds this peer must wait before his next try; 0 means now."""
    return throttle.wait_seconds(
        _attempts(throttle.peer_key(address)),
        _attempts(throttle.EVERYBODY),
        now,
        loopback=throttle.is_loopback(address),
    )


@call
def login_failed(address: str, now: float) -> None:
    """Count a wrong password against the peer and against everybody."""
    with writing():
        AttemptsRow.delete().where(AttemptsRow.window_started < now - _FORGET_AFTER).execute()
        _count(throttle.peer_key(address), throttle.PER_PEER, now)
        if not throttle.is_loopback(address):
            _count(throttle.EVERYBODY, throttle.PER_EVERYBODY, now)


@call
def login_succeeded(address: str) -> None:
    """Forgive the peer; everybody's counter stays, or one good account would reset it."""
    AttemptsRow.delete().where(AttemptsRow.peer == throttle.peer_key(address)).execute()


def _count(peer: str, limit: int, now: float) -> None:
    after = throttle.after_failure(_attempts(peer), limit, now)
    AttemptsRow.insert(peer=peer, **asdict(after)).on_conflict(
        conflict_target=[AttemptsRow.peer], update=asdict(after)
    ).execute()


def _attempts(peer: str) -> Attempts:
    row = AttemptsRow.get_or_none(AttemptsRow.peer == peer)
    if row is None:
        return Attempts()
    return Attempts(row.count, row.window_started, row.blocks, row.blocked_until)
