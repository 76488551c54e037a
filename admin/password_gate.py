"""Lets a password be tried, counts the wrong ones, and says how long to wait after too many.

One try at a time in this process: of a thousand guesses sent at once each must find the count that
the one before it has left.
"""

import math
import threading
import time
from collections.abc import Callable

from flask import Flask, current_app

import db

_KEY = "password_gate"


class TooManyTriesError(Exception):
    """This peer must wait; `seconds` is how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many wrong passwords")
        self.seconds = max(1, math.ceil(seconds))


def guard_passwords(app: Flask) -> None:
    """Give the app its turnstile.

    By attribute and not before: once gevent has patched it, `threading.Lock` is one that a
    greenlet may hold across a switch. A real lock would stop the whole process.
    """
    app.extensions[_KEY] = threading.Lock()


def try_password[T](peer: str, verify: Callable[[], T | None]) -> T | None:
    """What `verify` finds, or None for a wrong password; TooManyTriesError before it is asked."""
    with current_app.extensions[_KEY]:
        now = time.time()
        wait = db.login_wait(peer, now)
        if wait > 0:
            raise TooManyTriesError(wait)
        found = verify()
        if found is None:
            db.login_failed(peer, now)
        else:
            db.login_succeeded(peer)
        return found
