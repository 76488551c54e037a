"""The Content-Security-Policy of the mirror's pages, made from the upstream's.

Its point is that a page cannot reach past the mirror: what was not rewritten is refused by the
browser and reported, instead of showing the visitor's address to Grok.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

from core.origins import Origins

REPORT_PATH = "/-/csp-report"

SANDBOX_CSP = (
    "sandbox allow-downloads; default-src 'none'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; style-src 'unsafe-inline'; font-src 'self' data:"
)
"""For hosts that serve what users uploaded: an origin of its own for each page, and no scripts."""

SANDBOX_SCRIPTS_CSP = (
    "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads; "
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src data: blob:; "
    "form-action 'none'; base-uri 'self'"
)
"""For hosts whose user content is programs: they run, in an origin of its own for each page."""

_DEFAULT = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; base-uri 'self'"
_INSECURE_TRANSPORT = frozenset({"upgrade-insecure-requests", "block-all-mixed-content"})
_DROPPED = frozenset(
    {"report-uri", "report-to", "frame-ancestors", "navigate-to", "plugin-types", "referrer"}
)
_VALUELESS = frozenset({"sandbox", "require-trusted-types-for", "trusted-types"})
_SCRIPTS = ("script-src", "script-src-elem")
_USED_BY_SCRIPTS = ("connect-src", "img-src", "frame-src")
_LOCAL_SCHEMES = frozenset({"data:", "blob:", "filesystem:", "mediastream:"})
_WIDE = frozenset({"*", "https:", "http:", "wss:", "ws:"})
_SECRET_BASED = re.compile(r"'(?:nonce-|sha(?:256|384|512)-)", re.IGNORECASE)
_SOURCE = re.compile(
    r"(?:(?:https?|wss?)://)?(?P<host>\*|(?:\*\.)?[a-z0-9.-]+)(?::(?:443|80|\*))?(?:/\S*)?\Z",
    re.IGNORECASE,
)

Policy = dict[str, list[str]]


def mirror_csp(policy: str | None, origins: Origins, script_sources: tuple[str, ...] = ()) -> str:
    """The header's value; `script_sources` are what an injected snippet of the operator needs."""
    policies = [part for part in (policy or "").split(",") if part.strip()]
    return ", ".join(_mirrored(text, origins, script_sources) for text in policies or [_DEFAULT])


def _mirrored(text: str, origins: Origins, script_sources: tuple[str, ...]) -> str:
    policy = _parse(text)
    policy.setdefault("default-src", _parse(_DEFAULT)["default-src"])
    mirrored: Policy = {}
    for name, sources in policy.items():
        if name in _INSECURE_TRANSPORT and origins.mirror.scheme == "https":
            mirrored[name] = []
        elif name not in _DROPPED | _INSECURE_TRANSPORT:
            mirrored[name] = sources if name in _VALUELESS else _sources(sources, origins)
    _allow_sockets(mirrored, origins)
    _allow_snippet(mirrored, script_sources)
    mirrored["frame-ancestors"] = ["'self'"]
    mirrored["report-uri"] = [REPORT_PATH]
    return "; ".join(" ".join([name, *sources]) for name, sources in mirrored.items())


def _parse(text: str) -> Policy:
    """A directive given twice counts once, the first time, as in browsers."""
    policy: Policy = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            policy.setdefault(name.lower(), sources)
    return policy


def _sources(sources: Iterable[str], origins: Origins) -> list[str]:
    mapped = (_mapped(source, origins.by_name) for source in sources)
    return list(dict.fromkeys(source for source in mapped if source)) or ["'none'"]


def _mapped(source: str, names: Iterable[str]) -> str:
    """The source as the mirror has it; empty when it leads elsewhere."""
    lowered = source.lower()
    if lowered in _WIDE or lowered == "'strict-dynamic'":
        return "'self'"  # strict-dynamic would let a trusted script load from anywhere
    if lowered.startswith("'") or lowered in _LOCAL_SCHEMES:
        return source
    found = _SOURCE.match(lowered)
    host = found["host"] if found else ""
    if host.startswith("*."):
        return "'self'" if any(name.endswith(host[1:]) for name in names) else ""
    return "'self'" if host == "*" or host in names else ""


def _allow_sockets(policy: Policy, origins: Origins) -> None:
    """Not every browser takes 'self' for a WebSocket of the same origin."""
    sources = policy.get("connect-src", policy["default-src"])
    if "'self'" in sources:
        kept = [source for source in sources if source == "'self'" or source in _LOCAL_SCHEMES]
        policy["connect-src"] = [*kept, origins.mirror.ws_url]


def _allow_snippet(policy: Policy, script_sources: tuple[str, ...]) -> None:
    if not script_sources:
        return
    policy.pop("require-trusted-types-for", None)
    policy.pop("trusted-types", None)
    hosts = [source for source in script_sources if not source.startswith("'")]
    for name in _USED_BY_SCRIPTS:
        _extend(policy, name, hosts)
    for name in _SCRIPTS:
        if name == "script-src" or name in policy:
            _extend(policy, name, script_sources)


def _extend(policy: Policy, name: str, extra: Iterable[str]) -> None:
    sources = policy.get(name, policy["default-src"])
    if "'unsafe-inline'" in sources and not any(map(_SECRET_BASED.match, sources)):
        # One hash in the list would switch 'unsafe-inline' off.
        extra = [source for source in extra if not _SECRET_BASED.match(source)]
    policy[name] = [source for source in (*sources, *extra) if source != "'none'"] or ["'none'"]


def script_sources(snippet: str) -> tuple[str, ...]:
    """What the scripts of some HTML need: the origins they load from, and hashes of the others."""
    sources = []
    for attributes, body in re.findall(r"(?is)<script\b([^>]*)>(.*?)</script", snippet):
        if origin := re.search(r"(?i)\bsrc\s*=\s*[\"']?(?:https?:)?//([a-z0-9.-]+)", attributes):
            sources.append(f"https://{origin[1].lower()}")
        elif body:
            digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            sources.append(f"'sha256-{digest}'")
    return tuple(dict.fromkeys(sources))
