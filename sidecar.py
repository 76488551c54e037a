"""The sidecar process: gunicorn with gevent workers on two sockets, and who answers on which.

`python -m sidecar`. The loopback socket believes only requests that show the per-boot secret; the
admin socket gets the operator's pages. The apps know nothing of each other or of sockets.
"""

import atexit
import gc
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import gevent
import gevent.monkey
from gunicorn.app.base import BaseApplication
from gunicorn.workers.ggevent import GeventWorker

import db
from admin import archivist
from admin.app import create_admin_app, create_user_app
from admin.grok_history import GrokHistory
from admin.visitor import visitor_from_proxy, visitor_from_socket
from api_bridge.answer_head import ReasoningStyle
from api_bridge.app import create_app
from api_bridge.call_log import logged
from api_bridge.callers import Callers
from api_bridge.carried_turn import CarriedTurns
from api_bridge.chat_api import ApiOptions, Collaborators
from api_bridge.grok_port import GrokOverProxy
from api_bridge.image_links import SealedImageLinks
from api_bridge.internal_listener import InternalListener
from api_bridge.leaving import end_with_client
from api_bridge.models import ModelTable
from api_bridge.on_offer import OnOffer
from api_bridge.trial_turn import ask_once
from core.settings import EX_CONFIG, Settings, SettingsError, Wiring, load_settings, load_wiring

log = logging.getLogger("sidecar")

type Environ = dict[str, Any]
type Address = tuple[str, int]

WORKERS = 1
"""By design, whatever gunicorn's environment says: a key's minute and its calls at the same time, a
stranger's tokens and sign-ins are counted in this process's memory, so there must be one count of
them on a machine. One gevent worker carries hundreds of streams; the proxies are what is costly.
"""
_DB_THREADS = 16
_USER_PATHS = ("/-/", "/api/")


class App(Protocol):
    """A WSGI application."""

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any], /
    ) -> Iterable[bytes]: ...


class Dispatcher:
    """Tells the two sockets apart and lets each in its own way; what fits nowhere is refused."""

    def __init__(
        self, settings: Settings, wiring: Wiring, *, users: App, admin: App, bridge: App | None
    ) -> None:
        self._wiring = wiring
        self._users, self._admin, self._bridge = users, admin, bridge
        self._admin_on_mirror = settings.admin_same_origin

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _local_address(environ) == self._wiring.sidecar_listen:
            return self._from_proxy(environ, start_response)
        visitor_from_socket(environ).enter(environ)
        return self._admin(environ, start_response)

    def _from_proxy(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        visitor = visitor_from_proxy(environ, self._wiring.secret)
        if visitor is None:
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"forbidden"]
        del environ["HTTP_X_MIRROR_SECRET"]
        visitor.enter(environ)
        return self._app_for(environ.get("PATH_INFO", ""))(environ, start_response)

    def _app_for(self, path: str) -> App:
        if self._admin_on_mirror and (path == "/admin" or path.startswith("/admin/")):
            return self._admin
        if self._bridge is None or path.startswith(_USER_PATHS):
            return self._users
        return self._bridge


class Worker(GeventWorker):  # type: ignore[misc]
    """gunicorn's gevent worker, which at a stop does not wait for connections that are at rest.

    The proxy keeps connections open for the next request; each would hold up the stop until the
    graceful time-out.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  as in gunicorn
        super().__init__(*args, **kwargs)
        self._resting: set[Any] = set()

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for the next request."""
        me = gevent.getcurrent()
        self._resting.add(me)
        try:
            with super().timeout_ctx():
                yield
        finally:
            self._resting.discard(me)

    def notify(self) -> None:
        super().notify()
        for greenlet in [] if self.alive else list(self._resting):
            greenlet.kill(StopIteration, block=False)  # what the parser raises at the end of input


class Sidecar(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured here and nowhere else: no files, no argv, no control socket."""

    def __init__(self, settings: Settings, wiring: Wiring) -> None:
        self._settings, self._wiring = settings, wiring
        super().__init__()

    def load_config(self) -> None:
        binds = [self._wiring.sidecar_listen, self._settings.admin_bind]
        options = {
            "bind": [_bind_text(bind) for bind in binds],
            "worker_class": Worker,
            "workers": WORKERS,
            "worker_connections": 4000,
            "backlog": 2048,
            "timeout": 120,
            "graceful_timeout": 25,
            "keepalive": 75,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "grok-mirror-sidecar",
            # Nobody's word on scheme, path or address is taken but the proxy's, with its secret.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "header_map": "drop",
            # The gate has had its say already; these only leave room for what the proxy adds.
            "limit_request_line": 8190,
            "limit_request_fields": 128,
            "limit_request_field_size": 32_768,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        """In the worker, after gevent has patched it: the apps and the way to the database."""
        db.run_calls_with(_off_the_loop())
        if self._settings.archive_mb:
            archivist.start(GrokHistory(self._wiring), self._settings.archive_mb)
        listener = InternalListener(self._wiring)
        bridge = build_bridge(self._settings, listener)
        app = compose(self._settings, self._wiring, listener, bridge)
        _spare_the_collector()
        return app


def compose(
    settings: Settings, wiring: Wiring, listener: InternalListener, bridge: App | None
) -> Dispatcher:
    """All doors of the sidecar. The bridge is passed in: admin and api_bridge never meet."""
    carried = CarriedTurns(listener, settings)
    users = create_user_app(settings, wiring, carried.begin)
    admin = create_admin_app(settings, wiring, lambda: ask_once(wiring, settings))
    return Dispatcher(settings, wiring, users=users, admin=admin, bridge=bridge)


def build_bridge(settings: Settings, listener: InternalListener) -> App | None:
    """The chat API, unless it is switched off."""
    if not settings.enable_mirror_api:
        return None
    images = SealedImageLinks(listener, settings)
    others = Collaborators(
        grok=GrokOverProxy(listener, settings),
        callers=Callers(settings),
        images=images,
        offer=OnOffer(settings.chat_transport),
    )
    api = create_app(others, api_options(settings))
    images.serve_on(api)
    return logged(end_with_client(api.wsgi_app))


def api_options(settings: Settings) -> ApiOptions:
    """How the operator wants the API; SettingsError for an alias of a model there is not."""
    models = ModelTable(settings.model_aliases)
    if dangling := models.dangling():
        raise SettingsError(f"MODEL_ALIASES: there is no model {name!r}" for name in dangling)
    return ApiOptions(
        prefix=settings.mirror_api_prefix,
        temporary=settings.api_hatd,
        reasoning=ReasoningStyle(settings.api_reasoning),
        footnotes=settings.api_footnotes,
        cors_origins=settings.api_cors_origins,
        models=models,
    )


def main() -> int:
    """Run until told to stop; 78 when the settings or the database forbid to start."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings, wiring = load_settings(), load_wiring()
        api_options(settings)
        # Before the fork: the worker inherits an open database without a connection, and a
        # database made before gevent patches the locks, as its calls run in real threads.
        db.open_database(settings)
        db.release_connection()
    except (SettingsError, db.CannotOpenError) as problem:
        log.error("%s", problem)  # noqa: TRY400  a traceback would say nothing more
        return EX_CONFIG
    Sidecar(settings, wiring).run()
    return 0


def _spare_the_collector() -> None:
    """To look through what was imported, and is never freed, would hold up every stream."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # at the end it is freed, in Python's own order


def _off_the_loop() -> Callable[..., Any]:
    """Run database calls in real threads: SQLite waiting for a lock must not stop the streams."""
    pool = gevent.get_hub().threadpool
    pool.maxsize = _DB_THREADS
    loop_thread = gevent.monkey.get_original("threading", "get_ident")
    here = loop_thread()

    def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        # A database function may call another: that one is in a real thread already.
        if loop_thread() != here:
            return function(*args, **kwargs)
        found = pool.apply(_result_of, (function, args, kwargs))
        if isinstance(found, db.StorageError):
            raise found
        return found

    return run


def _result_of(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:  # noqa: ANN401
    """What storage has to say comes back as a value: gevent prints a traceback of all that is
    raised in its threads, and it is answered for where it is raised again.
    """
    try:
        return function(*args, **kwargs)
    except db.StorageError as reason:
        return reason


def _local_address(environ: Environ) -> Address:
    host, port, *_ = environ["gunicorn.socket"].getsockname()
    return host, port


def _bind_text(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


if __name__ == "__main__":
    sys.exit(main())
