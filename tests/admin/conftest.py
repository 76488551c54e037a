"""The apps as the sidecar builds them, with a visitor in place of the proxy."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import Client, TestResponse

import db
from admin.app import create_admin_app, create_user_app
from admin.visitor import Visitor
from core.settings import Settings
from core.sso_token import parse_pasted
from core.user import User
from tests.ready_folder import copy_ready_folder

ORIGIN = "https://grok.example.com"
PASSWORD = "admin pässword 1"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJlsecret%04d"


@dataclass
class Browser:
    """Somebody at the mirror; plays the proxy, which turns the cookie into a user."""

    app: Any
    origin: str = ORIGIN
    peer: str = "203.0.113.9"
    session: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._client = Client(self._as_proxy, TestResponse)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._keep(self._client.get(path, headers=self.headers, **more))

    def post(self, path: str, *, origin: str | None = "own", **more: Any) -> TestResponse:
        headers = dict(self.headers, **more.pop("headers", {}))
        if origin is not None:
            headers["Origin"] = self.origin if origin == "own" else origin
        return self._keep(self._client.post(path, headers=headers, **more))

    def sign_in(self, user: User) -> "Browser":
        self.session = db.start_session(user.id, time.time())
        return self

    def _keep(self, response: TestResponse) -> TestResponse:
        for cookie in response.headers.getlist("Set-Cookie"):
            name, _, rest = cookie.partition("=")
            if name.endswith("mirror_session"):
                self.session = rest.partition(";")[0]
        response.get_data()
        response.close()  # a static file stays open otherwise
        return response

    def _as_proxy(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        found = db.find_session(self.session, time.time()) if self.session else None
        Visitor(
            origin=self.origin,
            peer=self.peer,
            request_id="req-1",
            user_id=found and found.user_id,
            session_id=found and found.id,
        ).enter(environ)
        result: Iterable[bytes] = self.app(environ, start)
        return result


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    found = Settings(data_dir=copy_ready_folder(tmp_path / "data"), admin_password=PASSWORD)
    db.open_database(found)
    yield found
    db.close_database()


class _CompiledOnce(BytecodeCache):
    """Every test has an app of its own; its templates are the same."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_compiled_once = _CompiledOnce()


@pytest.fixture
def browser(settings: Settings) -> Browser:
    app = create_user_app(settings)
    app.jinja_env.bytecode_cache = _compiled_once
    return Browser(app)


@pytest.fixture
def alice(settings: Settings) -> User:
    return db.add_user("Alice", "right password")


@pytest.fixture
def operator(settings: Settings) -> FlaskClient:
    app = create_admin_app(settings)
    app.jinja_env.bytecode_cache = _compiled_once
    inner = app.wsgi_app

    def with_visitor(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        host = environ["HTTP_HOST"]
        Visitor(origin=f"http://{host}", peer="127.0.0.1").enter(environ)
        return inner(environ, start)

    app.wsgi_app = with_visitor  # type: ignore[method-assign]
    return app.test_client()


@pytest.fixture
def add_car(settings: Settings) -> Callable[..., int]:
    def add(number: int = 1, **more: Any) -> int:
        return db.add_account(parse_pasted(TOKEN % number), **more).id

    return add
