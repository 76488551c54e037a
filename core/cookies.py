"""Cookies are built, never patched: upstream sees the account's jar, the browser sees none of it.

The jar (name → value) belongs to one account and lives on the server. What the upstream sets is
kept in it; only the few names the operator lists pass between browser and upstream.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.account import Account

EDGE_NAMES = frozenset({"cf_clearance", "__cf_bm", "_cfuvid"})
SSO_NAMES = frozenset({"sso", "sso-rw"})
USER_ID_NAME = "x-userid"
MIN_SECRET_LENGTH = 8

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e ,\"\\]*\Z")
"""RFC 6265 plus what real sites send; never a control byte or a semicolon."""


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One Set-Cookie line: `attributes` keep their text, without Domain and Secure."""

    name: str
    value: str
    deletes: bool
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What an answer's Set-Cookie lines mean: the jar afterwards, and lines for the browser."""

    jar: Mapping[str, str]
    for_browser: tuple[SetCookie, ...]


def parse_cookie_header(header: str) -> list[tuple[str, str]]:
    """`a=1; b=2` as pairs; malformed parts are dropped."""
    pairs = []
    for part in header.split(";"):
        name, separator, value = part.strip().partition("=")
        if separator and _NAME.match(name) and _VALUE.match(value):
            pairs.append((name, value))
    return pairs


def upstream_cookies(
    account: Account, browser: Iterable[tuple[str, str]], passing: frozenset[str]
) -> str:
    """The one Cookie header the upstream gets for this account (grok-protocol §1.1)."""
    cookies = {name: value for name, value in browser if name in passing}
    cookies.update(account.extra_cookies)
    cookies.update(account.jar)
    if account.upstream_user_id:
        cookies[USER_ID_NAME] = account.upstream_user_id
    token = account.jar.get("sso", account.sso_token)
    ordered = {"sso": token, "sso-rw": account.jar.get("sso-rw", token)}
    ordered.update((n, v) for n, v in cookies.items() if n not in SSO_NAMES)
    return "; ".join(f"{n}={v}" for n, v in ordered.items() if _NAME.match(n) and _VALUE.match(v))


def edge_cookies(account: Account) -> str:
    """What an anonymous request carries: the network's own cookies, nobody's name."""
    cookies = {**account.extra_cookies, **account.jar}
    return "; ".join(f"{n}={v}" for n, v in cookies.items() if n in EDGE_NAMES and _VALUE.match(v))


def absorb(jar: Mapping[str, str], lines: Sequence[str], passing: frozenset[str]) -> Absorbed:
    """Fold Set-Cookie lines into the jar.

    An upstream that deletes the SSO cookies is not obeyed: the token is the operator's, and
    whether it still works is told by the outcome of a request.
    """
    kept, for_browser = dict(jar), []
    for cookie in filter(None, map(parse_set_cookie, lines)):
        if cookie.name in passing:
            for_browser.append(cookie)
        elif not cookie.deletes:
            kept[cookie.name] = cookie.value
        elif cookie.name not in SSO_NAMES:
            kept.pop(cookie.name, None)
    return Absorbed(kept, tuple(for_browser))


def parse_set_cookie(line: str) -> SetCookie | None:
    """None for a line no browser would take either."""
    first, *rest = (part.strip() for part in line.split(";"))
    name, separator, value = first.partition("=")
    if not separator or not _NAME.match(name) or not _VALUE.match(value):
        return None
    attributes = [part for part in rest if not re.match(r"(?i)(domain|secure)\b", part)]
    deletes = not value or any(re.match(r"(?i)max-age=\s*(0|-)", part) for part in attributes)
    deletes = deletes or any(re.match(r"(?i)expires=.*\b19[67]\d\b", part) for part in attributes)
    return SetCookie(name, value, deletes, tuple(attributes))


def browser_line(cookie: SetCookie, *, secure: bool) -> str:
    """The Set-Cookie line the browser gets: host-only, Secure as the mirror origin is."""
    attributes = [part for part in cookie.attributes if _is_plain(part)]
    if secure:
        attributes.append("Secure")
    else:  # SameSite=None is only honoured together with Secure
        attributes = [part for part in attributes if part.lower() != "samesite=none"]
    return "; ".join([f"{cookie.name}={cookie.value}", *attributes])


def secrets_of(account: Account) -> frozenset[bytes]:
    """What must never be seen in an answer: every cookie value we send with this account."""
    token = {"sso": account.sso_token}
    return secret_values(token) | secret_values(account.jar) | secret_values(account.extra_cookies)


def secret_values(cookies: Mapping[str, str]) -> frozenset[bytes]:
    """All but the user id, which the page needs for its WebSocket address, and short flags."""
    return frozenset(
        value.encode()
        for name, value in cookies.items()
        if name != USER_ID_NAME and len(value) >= MIN_SECRET_LENGTH
    )


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
