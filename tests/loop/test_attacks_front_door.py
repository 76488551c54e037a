"""Own pages, sign-in and the names of the mirror, attacked through the real proxy and sidecar."""

import contextlib
import stat
import time
from pathlib import Path

import pytest
import requests

import db
from tests.running_mirror import ADMIN_PASSWORD, add_account, running_mirror

PASSWORD = "a-long-user-password"


@pytest.fixture(scope="module")
def mirror(one_standin, tmp_path_factory):
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
        "HOST": "http://mirror.test",
        "TRUSTED_PROXIES": "127.0.0.2/32",
    }
    with running_mirror(tmp_path_factory.mktemp("door"), environ, with_sidecar=True) as running:
        account = one_standin.accounts["super"]
        running.account_ids["super"] = add_account(account.sso, "super", account.user_id)
        user = db.ensure_user("dora")
        db.set_password(user.id, PASSWORD)
        running.wait_for_accounts(1)
        yield running


def own(mirror, **more):
    return {"origin": mirror.url, **more}


def sign_in(mirror, password=PASSWORD, headers=None, next_path="", cookies=None):
    return requests.post(
        mirror.url + "/-/sign-in",
        data={"user_name": "dora", "password": password, "next": next_path},
        headers=own(mirror, **(headers or {})),
        cookies=cookies,
        allow_redirects=False,
        timeout=10,
    )


@pytest.mark.parametrize(
    "next_path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "\x01//evil.example",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
    ],
)
def test_signing_in_leads_nowhere_else(mirror, next_path):
    answer = sign_in(mirror, next_path=next_path)
    assert answer.status_code == 303
    assert "evil" not in answer.headers["location"]
    assert "javascript" not in answer.headers["location"]
    assert "a=b" not in str(answer.headers)


def test_a_planted_session_is_not_taken_over(mirror):
    planted = db.start_session(db.ensure_user("mallory").id, time.time(), "tests")
    answer = sign_in(mirror, cookies={"mirror_session": planted})
    fresh = answer.cookies["mirror_session"]
    assert fresh != planted
    assert db.find_session(planted, time.time()) is None


def test_two_session_cookies_are_none(mirror):
    mine = sign_in(mirror).cookies["mirror_session"]
    other = db.start_session(db.ensure_user("mallory").id, time.time(), "tests")
    for first, second in ((mine, other), (other, mine)):
        header = f"mirror_session={first}; mirror_session={second}"
        answer = requests.get(
            mirror.url + "/-/me", headers={"cookie": header}, allow_redirects=False, timeout=5
        )
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/-/sign-in", "/-/sign-out", "/-/cars", "/-/me/sessions/end-all"])
def test_posts_of_other_sites_are_refused(mirror, path, headers):
    cookie = sign_in(mirror).cookies["mirror_session"]
    answer = requests.post(
        mirror.url + path,
        headers={**headers, "cookie": f"mirror_session={cookie}"},
        allow_redirects=False,
        timeout=5,
    )
    assert answer.status_code == 403
    assert db.find_session(cookie, time.time()) is not None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "mirror.test.evil.example"}, 421),
        ({"host": "mirror.test@evil.example"}, 421),
        ({"host": "mirror.test", "x-forwarded-host": "evil.example"}, 303),
        ({"host": "MIRROR.test"}, 303),
        ({"host": "mirror.test."}, 421),
    ],
)
def test_only_names_of_the_mirror_are_served(mirror, headers, status):
    headers = {"accept": "text/html", **headers}
    answer = requests.get(mirror.url + "/", headers=headers, allow_redirects=False, timeout=5)
    assert answer.status_code == status
    assert "evil" not in str(answer.headers) + answer.text


def test_no_forwarding_header_escapes_the_throttle(mirror):
    statuses = []
    for number in range(8):
        forged = {"x-forwarded-for": f"203.0.113.{number}", "x-real-ip": f"203.0.113.{number}"}
        forged |= {"x-mirror-peer": f"203.0.113.{number}", "forwarded": f"for=203.0.113.{number}"}
        statuses.append(sign_in(mirror, "wrong", forged).status_code)
    assert statuses[-1] == 429, statuses
    db.login_succeeded("127.0.0.1")


@pytest.mark.parametrize(
    "bearer", ["", "Bearer", "Bearer ", "Bearer None", "Bearer \xfc", "Basic x"]
)
@pytest.mark.parametrize("path", ["/api/get-grok-list", "/api/login", "/api/batch-add-grok-token"])
def test_the_management_api_wants_the_password(mirror, path, bearer):
    db.login_succeeded("127.0.0.1")
    headers = {"authorization": bearer.encode("latin-1")} if bearer else {}
    answer = requests.post(mirror.url + path, json={}, headers=headers, timeout=5)
    assert answer.status_code in (401, 403)
    assert "super" not in answer.text


def test_a_link_is_not_in_the_log(mirror):
    token = db.make_link(db.ensure_user("linda").id, time.time(), 60.0)
    requests.get(f"{mirror.url}/-/link/{token}", timeout=5)
    deadline = time.monotonic() + 5
    while "/-/link/" not in mirror.log_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "/-/link/{token}" in mirror.log_text()
    assert token not in mirror.log_text()


@pytest.mark.parametrize(
    "path",
    [
        "/-/127.0.0.1/",
        "/-/localhost.localdomain/",
        "/-/cdn.grok.com:22/",
        "/-/cdn.grok.com@evil.example/",
        "/-/CDN.grok.com/",
        "/-/cdn.grok.com./",
        "/-/evil.example/",
        "/-/[::1]/",
        "/-/0x7f000001.x/",
        "/-/accounts.x.ai/",
        "/-/x.ai/",
        "/-/cdn.grok.com/..%2f",
        "/-/cdn.grok.com%2f@evil.example/",
    ],
)
def test_no_path_reaches_a_host_that_is_not_listed(mirror, one_standin, path):
    cookie = sign_in(mirror).cookies["mirror_session"]
    one_standin.control.forget_requests()
    with mirror.connection() as connection:
        connection.putrequest("GET", path)
        connection.putheader("cookie", f"mirror_session={cookie}")
        connection.endheaders()
        status = connection.getresponse().status
    assert status in (400, 403, 404)
    assert one_standin.control.requests() == []


def test_files_and_processes_keep_the_secrets(mirror):
    for path in mirror.data_dir.rglob("*"):
        if path == mirror.log:
            continue
        others = stat.S_IMODE(path.stat().st_mode) & 0o077
        if path.is_file() and path.suffix not in {".log", ".txt"}:
            content = path.read_bytes()
            assert ADMIN_PASSWORD.encode() not in content, path
            assert not others or b"PRIVATE KEY" not in content, path
    for process in mirror.processes.values():
        argv = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert mirror.wiring.secret.encode() not in argv
        assert ADMIN_PASSWORD.encode() not in argv
    with contextlib.suppress(FileNotFoundError):
        assert not (mirror.data_dir / "secret.key").stat().st_mode & 0o077
