"""Text with an account a line: tokens, cookie strings, what account shops send, `SSO=…` lists."""

import re
from collections.abc import Iterator

from core.account_import.entries import from_entry, from_text, tier_of
from core.account_import.values import Finding, Malformed, Reason
from core.sso_token import LONGEST, clean, is_account_line, is_sso_token

# Upper case only: `sso=…` is a cookie.
_ENV_LIST = re.compile(
    r"(?:-\s*)?(?:export\s+)?[\"']?SSO(?:_([A-Z]+))?(?:_LIST|S)?[\"']?\s*[=:]\s*"
)
_BETWEEN = re.compile(r"-{4,}|[\s,;|]+")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}")
_LINE_END = re.compile(r"\r\n|\r|\n")  # not splitlines(): it would cut at U+2028 and form feeds


def read(text: str) -> Iterator[Finding]:
    """Every line that is neither blank nor a `#` comment."""
    for place, line in enumerate(_LINE_END.split(text), 1):
        if is_account_line(line):
            yield from read_line(place, line)


def read_line(place: int, line: str) -> Iterator[Finding]:
    """The account, or accounts, of one line."""
    cleaned = clean(line)
    if listed := _ENV_LIST.match(cleaned):
        yield from _env_list(place, cleaned[listed.end() :], tier_of(listed[1] or ""))
    elif "=" in cleaned or is_sso_token(cleaned) or len(_BETWEEN.split(cleaned, 1)) == 1:
        yield from_text(place, cleaned)
    else:
        yield from _pieces(place, cleaned)


def _env_list(place: int, value: str, tier: str) -> Iterator[Finding]:
    tokens = value.strip("\"' ").split(",")
    found = [token.strip() for token in tokens if token.strip()]
    yield from (from_text(place, token, tier) for token in found)
    if not found:
        yield Malformed(place, Reason.EMPTY)


def _pieces(place: int, line: str) -> Iterator[Finding]:
    """`a@b.c----password----eyJ…`: token and e-mail are taken, the rest is not looked at."""
    pieces = [piece.strip("\"'") for piece in _BETWEEN.split(line)]
    tokens = [piece for piece in pieces if is_sso_token(piece)]
    emails = [piece for piece in pieces if _EMAIL.fullmatch(piece)]
    email = emails[0] if len(tokens) == 1 and emails else ""
    yield from (from_entry(place, {"sso_token": token, "email": email}) for token in tokens)
    if not tokens:
        too_long = len(line) > LONGEST
        yield Malformed(place, Reason.TOO_LONG if too_long else Reason.NOT_A_TOKEN)
