"""The password before the mirror (SITE_PASSWORD): who is let by, and what his cookie says.

The cookie is sealed elsewhere; inside it is told when it was given and for which password, so that
a new password lets nobody by on an old cookie.
"""

import hashlib
import hmac

from core.mirror_session import LIFE_SECONDS

ENTER = "/-/enter"
KIND = "site"
"""What the cookie's seal is for."""
_OPEN = frozenset({ENTER, "/healthz"})
_OPEN_BELOW = ("/-/static/",)
_SCRIPTS = "/api/"


def is_before_the_door(path: str, *, shows_key: bool) -> bool:
    """What is answered without the password: the question itself, and scripts that show a key."""
    plain = path.partition("?")[0]
    if plain in _OPEN or plain.startswith(_OPEN_BELOW):
        return True
    return shows_key and plain.startswith(_SCRIPTS)


def pass_text(password: str, now: float) -> str:
    """What is sealed into the cookie."""
    return f"{int(now)} {_digest(password)}"


def is_site_password(shown: str, password: str) -> bool:
    """Whether this is what was asked for."""
    return hmac.compare_digest(_digest(shown), _digest(password))


def lets_by(text: str | None, password: str, now: float) -> bool:
    """Whether an opened cookie is of this password, and not too old."""
    given, _, digest = (text or "").partition(" ")
    fits = hmac.compare_digest(digest.encode(), _digest(password).encode())
    return fits and given.isdecimal() and 0 <= now - int(given) < LIFE_SECONDS


def site_cookie(scheme: str) -> str:
    """As with the mirror session: over https no sibling host can plant it."""
    return "__Host-mirror_site" if scheme == "https" else "mirror_site"


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode("utf-8", "surrogateescape")).hexdigest()
