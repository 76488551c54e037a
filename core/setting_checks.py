"""Looks at settings side by side: what contradicts, what is too weak, what deserves a warning."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.setting_values import is_loopback
from core.weak_secrets import weakness

if TYPE_CHECKING:
    from core.settings import Settings

# Kubernetes injects these for a service called grok…; they are nobody's typing mistake.
_SERVICE_LINK = re.compile(r"GROK_(.*_)?(SERVICE_(HOST|PORT.*)|PORT(_\d+_(TCP|UDP).*)?)")


def unknown_names(given: Iterable[str], known: Sequence[str]) -> list[str]:
    """Names that begin like ours and are not; a silent typing mistake would be worse."""
    problems = []
    for name in sorted(given):
        if name.startswith("GROK_") and name not in known and not _SERVICE_LINK.fullmatch(name):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"{name}: there is no such setting{hint}")
    return problems


def likely_typos(given: Iterable[str], known: Sequence[str]) -> list[str]:
    """Other names that nearly spell one of ours, like ADMIN_PASSWROD: worth a warning only."""
    doubts = []
    for name in sorted(given):
        if "_" not in name or name in known or name.startswith("GROK_"):
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.9)
        if near and near[0] not in given:
            doubts.append(f"{name} is not a setting; did you mean {near[0]}?")
    return doubts


def contradictions(s: "Settings") -> list[str]:
    """What is wrong between settings that are each right."""
    problems = []
    if s.port == s.admin_bind[1]:
        problems.append(f"PORT and ADMIN_BIND both use port {s.port}")
    if s.mitmweb_password:
        problems += _of_mitmweb(s, s.mitmweb_password)
    if (s.tls_cert_file is None) != (s.tls_key_file is None):
        problems.append("TLS_CERT_FILE and TLS_KEY_FILE need each other")
    if s.front == "off" and s.tls_cert_file is not None:
        problems.append("TLS_CERT_FILE: only the nginx front speaks HTTPS, and FRONT is off")
    if s.front == "off" and s.proxy_workers > 1:
        problems.append("PROXY_WORKERS: more than 1 needs the nginx front, and FRONT is off")
    if reason := password_weakness(s):
        problems += _weak_password(s, reason)
    return problems


def _of_mitmweb(s: "Settings", password: str) -> list[str]:
    problems = []
    if s.mitmweb_bind[1] in (s.port, s.admin_bind[1]):
        problems.append(f"MITMWEB_BIND: port {s.mitmweb_bind[1]} is used already")
    if reason := weakness(password, s.authorization):
        problems.append(f"MITMWEB_PASSWORD: {reason}")
    return problems


def password_weakness(s: "Settings") -> str | None:
    """Why the admin password is weak, or None; not setting one is not weak."""
    return None if s.admin_password is None else weakness(s.admin_password, s.authorization)


def _weak_password(s: "Settings", reason: str) -> list[str]:
    if not (is_loopback(s.bind) and is_loopback(s.admin_bind[0])):
        return [f"ADMIN_PASSWORD: {reason}"]
    if s.allow_weak:
        return []
    return [f"ADMIN_PASSWORD: {reason} (ALLOW_WEAK=1 permits it while only this machine listens)"]


def doubts(s: "Settings") -> list[str]:
    """What is allowed but deserves a word at each start."""
    found = []
    if s.listens_publicly and s.tls_cert_file is None and not s.trusted_proxies:
        found.append(
            f"BIND={s.bind} listens publicly without TLS: put a reverse proxy with HTTPS in front "
            "and name it in TRUSTED_PROXIES, or give TLS_CERT_FILE and TLS_KEY_FILE"
        )
    if s.mitmweb_password:
        found.append(
            "MITMWEB_PASSWORD: mitmweb is on and shows everybody's conversations; unset it when "
            "you are done"
        )
    if s.admin_same_origin:
        found.append(
            "ADMIN_SAME_ORIGIN: whoever controls grok.com's scripts controls the admin pages"
        )
    if password_weakness(s):
        found.append("ADMIN_PASSWORD is weak; ALLOW_WEAK lets it pass on this machine")
    if any(len(key) < 12 for key in s.authorization):
        found.append("AUTHORIZATION: a key shorter than 12 characters is easy to guess")
    return found
