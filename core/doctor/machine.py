"""Judges this machine: files, database, ports, versions and settings, from facts read elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.doctor.findings import Finding

LOW_BYTES = 1024**3
FULL_BYTES = 100 * 1024**2
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SHOWN_LIBRARIES = ("mitmproxy", "flask", "h2")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFacts:
    """The data folder, or the nearest folder above it that is there."""

    path: str
    exists: bool
    free_bytes: int
    problem: str = ""
    """Why nothing can be written there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """The key file as it lies there; `problem` when it holds no key or cannot be read."""

    path: str
    exists: bool
    mode: int = 0o600
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """What one look into the database has shown; nothing was changed by it."""

    kind: str
    """SQLite or PostgreSQL."""
    exists: bool = True
    problem: str = ""
    """Why it cannot be opened."""
    damage: str = ""
    schema: str = ""
    pending: int = 0
    too_new: bool = False
    accounts: int = 0
    users: int = 0
    secrets: int = 0
    opened: int = 0
    """How many of its secrets the present key opens."""

    @property
    def is_usable(self) -> bool:
        """Whether the mirror of this version may read it as it is."""
        return self.exists and not (self.problem or self.damage or self.too_new or self.pending)

    @property
    def is_empty(self) -> bool:
        """Whether it is certain that no egress was ever kept in it."""
        return not self.exists or (self.is_usable and not self.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortFacts:
    """One address the mirror listens on; `problem` when nobody answers and we cannot either."""

    setting: str
    address: str
    answers: bool
    """Somebody says at /healthz that he is well."""
    is_busy: bool
    problem: str = ""


def judge_folder(folder: FolderFacts) -> Finding:
    """Can be written, and has room."""
    values = {"path": folder.path, "free": size(folder.free_bytes)}
    if folder.problem:
        return Finding("data_unwritable", values={**values, "problem": folder.problem})
    if folder.free_bytes < FULL_BYTES:
        return Finding("data_full", values=values)
    if folder.free_bytes < LOW_BYTES:
        return Finding("data_low", values=values)
    return Finding("data_ok" if folder.exists else "data_new", values=values)


def judge_key(key: KeyFacts, database: DatabaseFacts) -> Finding:
    """There where something is sealed, and for its owner only."""
    values: dict[str, object] = {"path": key.path}
    if not key.exists:
        if database.secrets:
            return Finding("key_missing", values={**values, "secrets": database.secrets})
        return Finding("key_new", values=values)
    if key.problem:
        return Finding("key_unreadable", values={**values, "problem": key.problem})
    if key.mode & 0o077:
        return Finding("key_open", values={**values, "mode": f"{key.mode & 0o777:o}"})
    return Finding("key_ok", values=values)


def judge_database(found: DatabaseFacts, *, has_key: bool) -> Finding:
    """Opens, is whole, is of this version, and its secrets open."""
    values = {
        "kind": found.kind,
        "schema": found.schema,
        "problem": found.problem or found.damage,
        "pending": found.pending,
        "accounts": found.accounts,
        "users": found.users,
        "secrets": found.secrets,
        "opened": found.opened,
    }
    troubles = {
        "database_away": bool(found.problem),
        "database_new": not found.exists,
        "database_damaged": bool(found.damage),
        "database_too_new": found.too_new,
        "database_sealed": has_key and found.opened < found.secrets,
        "database_old": bool(found.pending),
    }
    key = next((name for name, is_so in troubles.items() if is_so), "database_ok")
    return Finding(key, values=values)


def judge_port(port: PortFacts, *, is_running: bool) -> Finding:
    """Ours while the mirror runs, free while it does not."""
    values = {"name": port.setting, "problem": port.problem}
    if is_running:
        key = "port_ours" if port.answers else "port_dead"
    elif port.is_busy:
        key = "port_taken"
    else:
        key = "port_unusable" if port.problem else "port_free"
    return Finding(key, port.address, values)


def judge_versions(problems: Sequence[str], versions: Mapping[str, str]) -> list[Finding]:
    """`problems` name what is too old; `versions` holds `mirror`, `python` and libraries."""
    if problems:
        return [Finding("versions_old", values={"problem": problem}) for problem in problems]
    libraries = ", ".join(f"{name} {versions[name]}" for name in _SHOWN_LIBRARIES)
    shown = {"mirror": versions["mirror"], "python": versions["python"], "libraries": libraries}
    return [Finding("versions_ok", values=shown)]


def judge_settings(doubts: Sequence[str]) -> list[Finding]:
    """What the settings were warned of at the start."""
    doubtful = [Finding("settings_doubt", values={"doubt": doubt}) for doubt in doubts]
    return doubtful or [Finding("settings_ok")]


def judge_config(hosts: int, problems: Sequence[str]) -> list[Finding]:
    """mitm_config.yaml: how many hosts it maps, or every reason why it cannot be used."""
    wrong = [Finding("config_wrong", values={"problem": problem}) for problem in problems]
    return wrong or [Finding("config_ok", values={"count": hosts})]


def size(count: int) -> str:
    """`3.4 GiB`."""
    amount = float(count)
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError
