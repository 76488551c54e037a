"""Where the API is found on the mirror: its rows of the own route table, made from the settings.

All of them lead to the sidecar, with every method: which ones an endpoint knows, and whose browser
may call it, is the API's own to say. None of them ever goes upstream.
"""

import re
from dataclasses import dataclass, field

from core.gate import METHODS
from core.routes import Do, Route, RouteTable

FIRST_BYTE = 600.0
"""Seconds: thinking modes are silent for minutes, and clients wait as long as this."""

_PATHS = (
    "/v1/**",
    "/chat/completions",
    "/chat/completions/",
    "/models/**",
    "/health",
    "/health/",
)
_MODELS = ("/v1/models/", "/models/")
_SLASHES = re.compile(rb"//+")
_CODED_SLASH = re.compile(rb"(?i)%2f")


@dataclass(frozen=True, slots=True)
class ApiPaths:
    """The rows, and what is special about a request that one of them fits."""

    routes: tuple[Route, ...] = ()
    model_paths: tuple[bytes, ...] = ()
    _table: RouteTable = field(default_factory=RouteTable)

    def holds(self, method: str, path: str) -> bool:
        """Whether a request is for the API; the path may have a query."""
        return self._table.find(method, path.partition("?")[0]) is not None

    def merged(self, target: bytes) -> bytes:
        """The request target with single slashes, where that makes it one of the API's: a base URL
        that ends in a slash leads to `//v1/models`."""
        if not target.startswith(b"//"):
            return target
        path, mark, query = target.partition(b"?")
        single = _SLASHES.sub(b"/", path)
        return single + mark + query if self.holds("GET", single.decode("latin-1")) else target

    def as_checked(self, target: bytes) -> bytes:
        """The request target as the gate shall look at it.

        Clients code the slash in a model's name (`/v1/models/xai%2Fgrok-4`): there it is a slash
        like any other, and what it may hide is looked for behind it.
        """
        if not target.startswith(self.model_paths):
            return target
        path, mark, query = target.partition(b"?")
        return _CODED_SLASH.sub(b"/", path) + mark + query


NO_API = ApiPaths()


def api_paths(prefix: str, *, enabled: bool) -> ApiPaths:
    """`prefix` as the settings hold it: empty, or like `/abc`."""
    if not enabled:
        return NO_API
    paths = (f"{prefix}/**",) if prefix else _PATHS
    routes = tuple(map(_route, paths))
    below = tuple(f"{prefix}{path}".encode() for path in _MODELS)
    return ApiPaths(routes, below, RouteTable(routes))


def _route(path: str) -> Route:
    methods = tuple(sorted(METHODS))
    return Route(path=path, do=Do.SIDECAR, methods=methods, open=True, first_byte=FIRST_BYTE)
