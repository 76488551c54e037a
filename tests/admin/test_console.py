"""The operator's origin: who gets in, from where, and what he sees."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from admin.account_lines import masked_email
from admin.admin_sessions import IDLE_SECONDS, AdminSessions
from admin.app import create_admin_app
from admin.visitor import Visitor
from core.settings import Settings
from tests.admin.conftest import PASSWORD, TOKEN

HERE = "http://127.0.0.1:8081"
OWN = {"Origin": HERE}


def sign_in(operator: FlaskClient, password: str = PASSWORD, **headers: str) -> Any:
    return operator.post(
        "/admin/sign-in", base_url=HERE, data={"password": password}, headers={**OWN, **headers}
    )


def test_health_needs_nobody(operator: FlaskClient) -> None:
    assert operator.get("/healthz", base_url=HERE).text == "ok"
    assert operator.get("/readyz", base_url=HERE).text == "ok"


def test_not_ready_without_the_database(
    operator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise db.DatabaseUnavailableError("gone")

    monkeypatch.setattr(db, "check", away)
    assert operator.get("/readyz", base_url=HERE).status_code == 503
    assert operator.get("/healthz", base_url=HERE).status_code == 200


def test_the_pages_want_the_password(operator: FlaskClient) -> None:
    assert operator.get("/", base_url=HERE).headers["Location"] == "/admin/sign-in"
    assert operator.get("/admin", base_url=HERE).headers["Location"] == "/admin/sign-in"
    assert sign_in(operator, "wrong").status_code == 401
    assert operator.get("/admin", base_url=HERE).status_code == 303


def test_the_operator_sees_counts_and_masked_tokens(
    operator: FlaskClient, add_car: Callable[..., int]
) -> None:
    add_car(1, email="mailbox@example.com")
    response = sign_in(operator)
    assert response.status_code == 303
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in response.headers["Set-Cookie"]
    assert operator.get("/admin", base_url=HERE).status_code == 200
    page = operator.get("/admin/accounts", base_url=HERE).text
    assert "eyJhbGci…0001" in page
    assert TOKEN % 1 not in page
    assert "mailbox@" not in page
    assert operator.post("/admin/sign-out", base_url=HERE, headers=OWN).status_code == 303
    assert operator.get("/admin", base_url=HERE).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8080"},
        {"Origin": HERE, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_foreign_posts_are_refused(operator: FlaskClient, headers: dict[str, str]) -> None:
    assert sign_in(operator, **headers).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8081", 200),
        ("localhost:9999", 200),
        ("[::1]:8081", 200),
        ("192.168.1.5:8081", 200),
        ("evil.example", 403),
        ("evil.example:8081", 403),
        ("127.0.0.1.evil.example", 403),
    ],
)
def test_rebound_names_are_refused(operator: FlaskClient, host: str, status: int) -> None:
    assert operator.get("/healthz", base_url=f"http://{host}").status_code == status


def test_two_cookies_of_one_name_are_refused(operator: FlaskClient) -> None:
    headers = {"Cookie": "mirror_admin=a; mirror_admin=b"}
    plain = operator.application.test_client(use_cookies=False)
    assert plain.get("/admin", base_url=HERE, headers=headers).status_code == 400


def test_on_the_mirrors_origin_a_red_banner_warns(settings: Settings) -> None:
    app = create_admin_app(Settings(data_dir=settings.data_dir, admin_same_origin=True))
    inner = app.wsgi_app

    def through_mirror(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        Visitor(origin="https://grok.example.com", peer="1.2.3.4", request_id="r").enter(environ)
        return inner(environ, start)

    app.wsgi_app = through_mirror  # type: ignore[method-assign]
    page = app.test_client().get("/admin/sign-in")
    assert page.status_code == 200
    assert 'class="banner"' in page.text


def test_admin_sessions_end_after_half_an_hour_of_rest() -> None:
    sessions = AdminSessions()
    cookie = sessions.start(0)
    assert sessions.is_alive(cookie, IDLE_SECONDS)
    assert sessions.is_alive(cookie, 2 * IDLE_SECONDS)
    assert not sessions.is_alive(cookie, 3 * IDLE_SECONDS + 1)
    assert not sessions.is_alive("", 0)
    other = sessions.start(0)
    sessions.end(other)
    assert not sessions.is_alive(other, 0)


def test_masking_an_email() -> None:
    assert masked_email("mailbox0@gmail.com") == "ma••••0@gmail.com"
    assert masked_email("odd") == "••••"
