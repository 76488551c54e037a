"""What the browser's developer tools copy as cURL, for bash and for Windows' cmd."""

import re
from collections.abc import Iterator

from core.account_import.entries import from_entry
from core.account_import.values import Finding, Malformed, Reason
from core.sso_token import clean

_CURL = re.compile(r"(?m)^\s{0,8}[$>]?\s{0,8}curl(?:\.exe)?\s")
_CARET = re.compile(r"\^(\r?\n|.)")
_CONTINUED = re.compile(r"\\\r?\n")
_OPTION = re.compile(
    r"""(?:^|\s)(-H|--header|-b|--cookie|-A|--user-agent)[\s=]{0,8}"""
    r"""('[^']*'|\$'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'"]+)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_HEADERS = {"-b": "cookie", "--cookie": "cookie", "-A": "user-agent", "--user-agent": "user-agent"}


def are_in(text: str) -> bool:
    """Whether the text begins with a cURL command."""
    return _CURL.match(text.lstrip()) is not None


def read(text: str) -> Iterator[Finding]:
    """One finding a command."""
    starts = [found.start() for found in _CURL.finditer(text)]
    for place, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        yield _account(place, _headers(_one_shell(text[start:end])))


def _account(place: int, headers: dict[str, str]) -> Finding:
    cookie = headers.get("cookie", "")
    if not cookie:
        return Malformed(place, Reason.NO_SSO_COOKIE)
    # A clearance holds for one address and one user agent; without it no user agent is needed.
    agent = headers.get("user-agent", "") if "cf_clearance=" in cookie else ""
    return from_entry(place, {"cookie": clean(cookie), "user_agent": agent})


def _one_shell(command: str) -> str:
    """The command as bash would have it."""
    if '^"' in command:
        command = _CARET.sub(lambda found: found[1] if found[1].strip() else " ", command)
    return _CONTINUED.sub(" ", command)


def _headers(command: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for option, quoted in _OPTION.findall(command):
        value = _unquoted(quoted)
        name = _HEADERS.get(option)
        if name is None:
            name, _, value = value.partition(":")
        headers.setdefault(name.strip().casefold(), value.strip())
    return headers


def _unquoted(text: str) -> str:
    if text[:1] not in "$'\"":
        return text
    if text[0] == "'":
        return text[1:-1]
    return _ESCAPE.sub(_unescaped, text.removeprefix("$")[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else str(found[3])
