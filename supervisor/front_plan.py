"""What the front of one run is made for; written out by `nginx_config.py`."""

from dataclasses import dataclass, field
from pathlib import Path

type Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxBuild:
    """What the installed nginx is able to do."""

    version: tuple[int, ...]
    modules: frozenset[str] = frozenset({"http_fastcgi", "http_uwsgi", "http_scgi"})

    @property
    def http2_is_a_directive(self) -> bool:
        return self.version >= (1, 25, 1)

    @property
    def logs_early_to_stderr(self) -> bool:
        return self.version >= (1, 19, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPlan:
    """Everything the configuration depends on."""

    runtime_dir: Path
    cache_dir: Path
    listen: Address
    proxies: tuple[Address, ...]
    secret: str = field(repr=False)
    build: NginxBuild
    bridge: tuple[Address, ...] = ()  # where the API is, if there is one
    bridge_paths: tuple[str, ...] = ()  # of it, as in the route table
    cors_origins: tuple[str, ...] = ()
    internal_listen: Address | None = None  # set when several proxies share the bridge's calls
    internal_proxies: tuple[Address, ...] = ()
    certificate: Path | None = None
    certificate_key: Path | None = None
    cached_prefixes: tuple[str, ...] = ()
    rules_version: str = "0"
    uncounted: tuple[str, ...] = ()  # reverse proxies before us: many users, one address
    worker_user: str | None = None
    worker_connections: int = 8192
    connections_per_address: int = 200
