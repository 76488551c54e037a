"""Lets a password be tried, counts the wrong ones, and says how long to wait after too many."""

import math
from collections.abc import Callable

import db


class TooManyTriesError(Exception):
    """This peer must wait; `seconds` is how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many wrong passwords")
        self.seconds = max(1, math.ceil(seconds))


def try_password[T](peer: str, now: float, verify: Callable[[], T | None]) -> T | None:
    """What `verify` finds, or None for a wrong password; TooManyTriesError before it is asked."""
    wait = db.login_wait(peer, now)
    if wait > 0:
        raise TooManyTriesError(wait)
    found = verify()
    if found is None:
        db.login_failed(peer, now)
        return None
    db.login_succeeded(peer)
    return found
