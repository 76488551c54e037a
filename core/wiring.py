"""What one run's processes are told about each other: ports and the per-boot secret.

The supervisor writes it into the environment of its children; no person ever types it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from core import setting_values as values
from core.setting_values import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What the supervisor tells its children about this run; never typed by a person."""

    secret: str = field(repr=False)
    proxy_listen: tuple[str, int]
    internal_listen: tuple[str, int]
    sidecar_listen: tuple[str, int]
    behind_front: bool
    flow_socket: Path | None = None
    """Where finished flows are shown to developers, if they are: in a folder of this run alone."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the supervisor's variables, or raise SettingsError."""
        found: dict[str, Any] = {}
        problems = []
        for f in fields(cls):
            name, parse = _WIRES[f.name]
            try:
                found[f.name] = parse(environ[name])
            except (KeyError, ValueError):
                problems.append(f"{name} is missing or wrong; start me with serve.py")
        if problems:
            raise SettingsError(problems)
        return cls(**found)

    def to_environ(self) -> dict[str, str]:
        """The same, as the environment of a child."""
        return {
            "MIRROR_BOOT_SECRET": self.secret,
            "MIRROR_PROXY_LISTEN": _listen_text(self.proxy_listen),
            "MIRROR_INTERNAL_LISTEN": _listen_text(self.internal_listen),
            "MIRROR_SIDECAR_LISTEN": _listen_text(self.sidecar_listen),
            "MIRROR_BEHIND_FRONT": "1" if self.behind_front else "0",
            "MIRROR_FLOW_SOCKET": str(self.flow_socket or ""),
        }


def _boot_secret(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("not 32 bytes in hex")
    return text


def _maybe_path(text: str) -> Path | None:
    return Path(text) if text else None


_WIRES: dict[str, tuple[str, Callable[[str], object]]] = {
    "secret": ("MIRROR_BOOT_SECRET", _boot_secret),
    "proxy_listen": ("MIRROR_PROXY_LISTEN", values.parse_listen),
    "internal_listen": ("MIRROR_INTERNAL_LISTEN", values.parse_listen),
    "sidecar_listen": ("MIRROR_SIDECAR_LISTEN", values.parse_listen),
    "behind_front": ("MIRROR_BEHIND_FRONT", values.parse_bool),
    "flow_socket": ("MIRROR_FLOW_SOCKET", _maybe_path),
}


def _listen_text(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
