"""Reads one pasted account: a bare SSO token, `sso=…`, or a whole cookie string.

Decides what is a token and what else in the paste is worth keeping; knows no database and never
puts what was pasted into an error.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.account import NO_COOKIES

LONGEST = 16_384
_JWT = re.compile(r"[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}")
_COOKIE_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,4096}")  # RFC 6265
# What chats, PDF viewers and spreadsheets do: dashes become typographic, blanks invisible.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f"))
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f\u3000\t\r\n"), " ")
_CLEANED = _DASHES | _INVISIBLE | _BLANKS
KEPT_COOKIES = frozenset({"cf_clearance", "x-userid"})


class MalformedTokenError(ValueError):
    """The paste holds no SSO token; the text is a reason that repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class PastedAccount:
    """What one pasted line said."""

    sso_token: str = field(repr=False)
    extra_cookies: Mapping[str, str] = field(default=NO_COOKIES, repr=False)
    upstream_user_id: str | None = None


def parse_pasted(text: str) -> PastedAccount:
    """One line of a paste, or MalformedTokenError."""
    if len(text) > LONGEST:
        raise MalformedTokenError("longer than 16 KiB")
    cleaned = clean(text).strip("\"'").strip()
    if cleaned[:7].casefold() == "cookie:":
        cleaned = cleaned[7:]
    if not cleaned:
        raise MalformedTokenError("empty")
    if "=" not in cleaned:
        return PastedAccount(_token(cleaned.partition(";")[0]))
    return _from_cookies(cookie_pairs(cleaned))


def token_hash(sso_token: str) -> str:
    """The SHA-256 that finds duplicates; a token is random, so no slow hash is needed."""
    return hashlib.sha256(sso_token.encode()).hexdigest()


def masked(sso_token: str) -> str:
    """`eyJ0eXAi…9f3c`: enough to recognise a token, nothing to sign in with."""
    return f"{sso_token[:8]}…{sso_token[-4:]}" if len(sso_token) >= 24 else "…"


def is_account_line(line: str) -> bool:
    """False for blank lines and `#` comments of a pasted list."""
    cleaned = clean(line)
    return bool(cleaned) and not cleaned.startswith("#")


def clean(text: str) -> str:
    """The text as it was before a chat or a spreadsheet made it look nicer."""
    plain = text.isascii() and text.isprintable()  # most are, and translate() is slow
    return text.strip() if plain else text.translate(_CLEANED).strip()


def is_sso_token(text: str) -> bool:
    """Whether this is an SSO token and nothing else."""
    return len(text) <= LONGEST and _JWT.fullmatch(text) is not None


def is_cookie_value(text: str) -> bool:
    """Whether a Cookie header may carry it."""
    return _COOKIE_VALUE.fullmatch(text) is not None


def cookie_pairs(text: str) -> dict[str, str]:
    """`a=b; c="d"` by name."""
    pairs = (piece.partition("=") for piece in text.split(";"))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs if name.strip()}


def _from_cookies(cookies: dict[str, str]) -> PastedAccount:
    raw = cookies.get("sso") or cookies.get("sso-rw")
    if not raw:
        raise MalformedTokenError("a cookie string without an sso cookie")
    sso_token = _token(raw)
    extra = {
        name: value
        for name, value in cookies.items()
        if is_cookie_value(value)
        and (name in KEPT_COOKIES or (name == "sso-rw" and value != sso_token))
    }
    return PastedAccount(sso_token, extra, extra.pop("x-userid", None))


def _token(text: str) -> str:
    candidate = text.strip().strip("\"'")
    if not _JWT.fullmatch(candidate):
        raise MalformedTokenError(
            "not an SSO token (three parts joined by dots, starting with eyJ)"
        )
    return candidate
