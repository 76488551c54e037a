"""Cookies as browsers and their extensions export them, grouped into accounts.

One browser profile has one `sso`; several different ones in a file are several profiles.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.account_import.entries import from_entry
from core.account_import.values import Finding, Reason, Skipped

_ROW = re.compile(r"(?m)^(?:#HttpOnly_)?[\w.-]+\t(?:TRUE|FALSE)\t[^\t\n]*\t(?:TRUE|FALSE)\t")
_HEADLINE = re.compile(r"# (?:Netscape )?HTTP Cookie File", re.IGNORECASE)
_HTTP_ONLY = "#HttpOnly_"
_OURS = ("sso", "sso-rw", "cf_clearance", "x-userid")
_SITES = ("grok.com", "x.ai")  # the first one counts where both have an `sso`


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of an export; `store` tells the profiles of a browser apart."""

    name: str
    value: str = field(repr=False)
    domain: str
    store: str = ""


def is_cookies_txt(text: str) -> bool:
    """Whether this is Netscape's cookies.txt."""
    return bool(_HEADLINE.match(text) or _ROW.search(text))


def read_cookies_txt(text: str) -> Iterator[Finding]:
    """The accounts of a cookies.txt, or of several in a row."""
    cookies = []
    for line in text.splitlines():
        line = line.removeprefix(_HTTP_ONLY)
        cells = line.split("\t")
        if len(cells) >= 7 and not line.startswith("#"):
            cookies.append(Cookie(cells[5], cells[6].strip(), cells[0]))
    yield from accounts(1, cookies)


def cookies_of(rows: Iterable[object]) -> Iterator[Cookie]:
    """The objects of EditThisCookie, Cookie-Editor and Playwright."""
    for row in rows:
        if isinstance(row, Mapping) and isinstance(row.get("name"), str):
            value, domain = (
                str(row.get("value") or "")[:20_000],
                str(row.get("domain") or "grok.com"),
            )
            yield Cookie(row["name"], value, domain, str(row.get("storeId") or "")[:80])


def accounts(place: int, cookies: Iterable[Cookie]) -> Iterator[Finding]:
    """One finding for each `sso`, numbered from `place`; one in all when there is none of ours."""
    stores: dict[str, list[Cookie]] = {}
    for cookie in cookies:
        if cookie.name in _OURS and _site(cookie.domain):
            stores.setdefault(cookie.store, []).append(cookie)
    entries = [entry for store in stores.values() for entry in _entries(store)]
    yield from (from_entry(place + number, entry) for number, entry in enumerate(entries))
    if not entries:
        yield Skipped(place, Reason.OTHER_SITE)


def _entries(cookies: list[Cookie]) -> list[dict[str, str]]:
    """The i-th `sso` goes with the i-th of the others, if there are as many of them."""
    values = {name: _values(name, cookies) for name in _OURS}
    tokens = values["sso"] or values["sso-rw"]
    whole = {name: found for name, found in values.items() if len(found) == len(tokens)}
    return [
        {"sso_token": token}
        | {_KEYS[name]: found[i] for name, found in whole.items() if name != "sso"}
        for i, token in enumerate(tokens)
    ]


_KEYS = {"sso-rw": "sso_rw", "cf_clearance": "cf_clearance", "x-userid": "upstream_user_id"}


def _values(name: str, cookies: list[Cookie]) -> list[str]:
    by_site: dict[str, dict[str, None]] = {site: {} for site in _SITES}
    for cookie in cookies:
        if cookie.name == name and cookie.value:
            by_site[_site(cookie.domain)][cookie.value] = None
    return next((list(found) for found in by_site.values() if found), [])


def _site(domain: str) -> str:
    bare = domain.lstrip(".").casefold()
    return next((site for site in _SITES if bare == site or bare.endswith(f".{site}")), "")
