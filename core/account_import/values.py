"""What an import can find: an account, an entry that is malformed, an entry that is left out.

No value shows a secret in its `repr`, and a reason is one of a fixed list, so it cannot repeat
what was pasted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from core.account import NO_COOKIES

MOST_ACCOUNTS = 10_000


class Reason(StrEnum):
    """Why an entry did not become an account; the value is the English sentence."""

    EMPTY = "empty"
    TOO_LONG = "longer than 16 KiB"
    NOT_A_TOKEN = "not an SSO token (three parts joined by dots, starting with eyJ)"  # noqa: S105
    NO_SSO_COOKIE = "a cookie string without an sso cookie"
    NO_TOKEN = "an entry without an SSO token"  # noqa: S105
    NOT_JSON = "not valid JSON"
    NOT_CSV = "not a readable row of CSV"
    OAUTH = "an OAuth account (grok_build): it has no SSO token"
    OTHER_SITE = "cookies of another site, none of grok.com"
    REPLACED = "a later entry holds another SSO token of the same Grok user"
    LATER_FORMAT = "written by a later version of Grok Mirror"
    TOO_MANY = "more than 10,000 accounts; the rest was left out"
    NOTHING = "no account was found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAccount:
    """One account as a file describes it; everything but the SSO token is a hint."""

    place: int
    """Line or item of the source, from 1."""
    sso_token: str = field(repr=False)
    cookies: Mapping[str, str] = field(default=NO_COOKIES, repr=False)
    """`cf_clearance`, and `sso-rw` when it differs from the SSO token."""
    user_agent: str | None = None
    name: str = ""
    email: str | None = field(default=None, repr=False)
    upstream_user_id: str | None = None
    tier: str = ""
    """basic, super, heavy or nothing."""
    tags: tuple[str, ...] = ()
    note: str = field(default="", repr=False)
    pool: str = ""
    enabled: bool = True

    @property
    def sso_rw(self) -> str | None:
        return self.cookies.get("sso-rw")


@dataclass(frozen=True, slots=True)
class Malformed:
    """An entry that should be an account and is none."""

    place: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that is in order and not for us."""

    place: int
    reason: Reason


type Finding = ImportedAccount | Malformed | Skipped


@dataclass(frozen=True, slots=True)
class Recognised:
    """All of one source, in its order."""

    format: str
    unit: Literal["line", "item"]
    findings: tuple[Finding, ...]
