"""When a mirror session lives and what its cookie is called; never sees a database or a clock.

The cookie holds 256 random bits; only their SHA-256 is stored: a stolen database signs nobody in.
"""

import hashlib
from dataclasses import dataclass

IDLE_SECONDS = 7 * 86_400.0
LIFE_SECONDS = 30 * 86_400.0
TOUCH_SECONDS = 300.0
"""`last_seen_at` is written at most this often: the idle limit is days, more would be waste."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorSession:
    """A user's signed-in state in one browser."""

    id: int
    user_id: int
    user_name: str
    display_name: str
    account_id: int | None
    created_at: float
    last_seen_at: float
    expires_at: float
    user_agent: str = ""
    account_chosen: bool = False
    """The user has chosen his car himself."""


def is_alive(session: MirrorSession, now: float) -> bool:
    """Neither too old nor unused for too long; whether the user may still sign in is his own."""
    return now < session.expires_at and now - session.last_seen_at <= IDLE_SECONDS


def needs_touch(session: MirrorSession, now: float) -> bool:
    """Whether `last_seen_at` is old enough to be worth a write."""
    return now - session.last_seen_at >= TOUCH_SECONDS


def secret_hash(secret: str) -> str:
    """What is stored instead of a cookie value or one-time token; enough, as both are random."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def cookie_name(scheme: str) -> str:
    """`__Host-` keeps sibling hosts from planting the cookie; browsers take it over https only."""
    return "__Host-mirror_session" if scheme == "https" else "mirror_session"


def short_user_agent(text: str) -> str:
    """`Chrome · Windows`: enough to recognise one's own browser in a list, too little to track."""
    browser = _first_match(text, _BROWSERS)
    system = _first_match(text, _SYSTEMS)
    return " · ".join(part for part in (browser, system) if part)


# Order matters: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def _first_match(text: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in text), "")
