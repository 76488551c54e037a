"""The shape of `mitm_config.yaml`: mitmproxy options, host map, route tables, static rules.

Parsing reports every problem at once, so that an operator mends the file in one go and a
reload can keep the last good state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from core.chat_socket import SocketRule
from core.claims import ClaimTree
from core.ids import IdNames, kinds_of, plain_name
from core.origins import UpstreamHost
from core.routes import Route, RouteConflictError, RouteTable, parse_claims, parse_route

SANDBOXES = ("", "files", "programs")


class ConfigError(ValueError):
    """The file cannot be used; `problems` names each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRule:
    """One mapped host: how the browser sees it and what may be asked of it."""

    host: UpstreamHost
    routes: RouteTable
    default: Route | None
    """What a request without a row of its own does; None = 404, no upstream call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorConfig:
    """The whole file. `hosts[0]` is the host whose paths are the mirror's own."""

    options: Mapping[str, object]
    hosts: tuple[HostRule, ...]
    own: RouteTable
    """Routes of the mirror itself: its pages and endpoints."""
    browser_cookies: frozenset[str]
    """Cookie names that pass both ways between browser and upstream."""
    static: tuple[str, ...]
    """Path prefixes on the mirror whose answers may be cached and shared."""
    ids: IdNames
    """Which fields hold ids of people's objects."""
    socket: SocketRule
    """The chat socket on shared accounts."""

    def rule_for(self, name: str) -> HostRule | None:
        """The rule of an upstream host by name."""
        return next((rule for rule in self.hosts if rule.host.name == name), None)


_SECTIONS = frozenset({"options", "hosts", "own", "browser_cookies", "static", "ids", "socket"})


def parse_config(data: object, own_routes: Sequence[Route] = ()) -> MirrorConfig:
    """Raises ConfigError with every problem found; `own_routes` come from the settings."""
    if not isinstance(data, Mapping):
        raise ConfigError(["the file must be a mapping"])
    problems: list[str] = []
    unknown = set(data) - _SECTIONS
    problems += [f"unknown section {name}" for name in sorted(unknown)]
    hosts = tuple(_host_rules(_rows(data, "hosts", problems), problems))
    if not hosts:
        problems.append("hosts: at least the main host is needed")
    own = _table("own", _rows(data, "own", problems), problems, own_routes)
    config = MirrorConfig(
        options=dict(_mapping(data, "options", problems)),
        hosts=hosts,
        own=own,
        browser_cookies=frozenset(_names(data, "browser_cookies", problems)),
        static=tuple(_names(data, "static", problems)),
        ids=_id_names(_mapping(data, "ids", problems), problems),
        socket=_socket_rule(_mapping(data, "socket", problems), problems),
    )
    if problems:
        raise ConfigError(problems)
    return config


def _host_rules(rows: Sequence[Mapping[str, object]], problems: list[str]) -> list[HostRule]:
    rules = []
    for row in rows:
        name = str(row.get("name", ""))
        if not name:
            problems.append("hosts: a row has no name")
            continue
        unknown = set(row) - {"name", "aliases", "cookies", "sandbox", "default", "routes"}
        problems += [f"host {name}: unknown {key}" for key in sorted(unknown)]
        sandbox = row.get("sandbox", "")
        if sandbox not in SANDBOXES:
            problems.append(f"host {name}: sandbox must be files or programs")
            sandbox = "files"
        host = UpstreamHost(
            name=name,
            cookies=bool(row.get("cookies", False)),
            sandbox=cast("Literal['', 'files', 'programs']", sandbox),
        )
        table = _table(name, _rows(row, "routes", problems), problems)
        default = _default(name, row.get("default"), problems)
        rules.append(HostRule(host=host, routes=table, default=default))
    return rules


def _default(name: str, row: object, problems: list[str]) -> Route | None:
    if row is None:
        return None
    if not isinstance(row, Mapping):
        problems.append(f"host {name}: default must be a mapping")
        return None
    try:
        return parse_route({"path": "/**", **row})
    except ValueError as error:
        problems.append(f"host {name}: {error}")
        return None


def _table(
    where: str,
    rows: Sequence[Mapping[str, object]],
    problems: list[str],
    further: Sequence[Route] = (),
) -> RouteTable:
    routes = list(further)
    for row in rows:
        try:
            routes.append(parse_route(row))
        except ValueError as error:
            problems.append(f"{where}: {error}")
    try:
        return RouteTable(routes)
    except RouteConflictError as error:
        problems.append(f"{where}: {error}")
        return RouteTable()


def _rows(
    data: Mapping[str, object], name: str, problems: list[str]
) -> Sequence[Mapping[str, object]]:
    value = data.get(name, ())
    if not isinstance(value, Sequence) or isinstance(value, str):
        problems.append(f"{name}: must be a list")
        return ()
    if not all(isinstance(row, Mapping) for row in value):
        problems.append(f"{name}: every row must be a mapping")
        return ()
    return value


def _mapping(data: Mapping[str, object], name: str, problems: list[str]) -> Mapping[str, object]:
    value = data.get(name, {})
    if not isinstance(value, Mapping):
        problems.append(f"{name}: must be a mapping")
        return {}
    return value


def _id_names(data: Mapping[str, object], problems: list[str]) -> IdNames:
    """Kinds with the names of their fields, and `texts` and `public`."""
    words = {key: _words(data, key, problems) for key in data}
    kinds: dict[str, str] = {}
    spelt: list[str] = []
    for kind, names in words.items():
        if kind in ("texts", "public"):
            continue
        spelt += names
        try:
            kinds |= {plain_name(name): next(iter(kinds_of(kind))) for name in names}
        except ValueError as error:
            problems.append(f"ids: {error}")
    texts = frozenset(map(plain_name, words.get("texts", [])))
    return IdNames(kinds, texts, frozenset(words.get("public", [])), spelt=tuple(spelt))


def _socket_rule(data: Mapping[str, object], problems: list[str]) -> SocketRule:
    events = frozenset(_words(data, "events", problems))
    try:
        claims = parse_claims(data.get("claims", {}), "socket")
    except ValueError as error:
        problems.append(str(error))
        claims = ClaimTree()
    unnamed = frozenset(_words(data, "unnamed", problems))
    return SocketRule(events=events, claims=claims, unnamed=unnamed)


def _words(data: Mapping[str, object], name: str, problems: list[str]) -> list[str]:
    value = data.get(name, "")
    if not isinstance(value, str):
        problems.append(f"{name}: must be words")
        return []
    return value.split()


def _names(data: Mapping[str, object], name: str, problems: list[str]) -> list[str]:
    value = data.get(name, [])
    if not isinstance(value, Sequence) or isinstance(value, str):
        problems.append(f"{name}: must be a list of names")
        return []
    return [str(item) for item in value]
