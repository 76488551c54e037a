"""HTTP/2 and TLS at the proxy itself: not where nobody asked for it, whole where somebody did."""

import re
import socket
import ssl
import subprocess
import time

import pytest

from tests.hostile_upstream import hostile_upstream
from tests.running_mirror import ROOT, add_account, proxy_in_thread, running_mirror

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "c.pem", folder / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=mirror.test"],
        check=True, capture_output=True,
    )  # fmt: skip
    return {"TLS_CERT_FILE": str(cert), "TLS_KEY_FILE": str(key)}


@pytest.fixture(scope="module")
def secure(one_standin, certificate, tmp_path_factory):
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
        **certificate,
    }
    with running_mirror(tmp_path_factory.mktemp("secure"), environ, with_sidecar=True) as running:
        for name in ("super", "heavy"):
            account = one_standin.accounts[name]
            running.account_ids[name] = add_account(account.sso, name, account.user_id)
        running.wait_for_accounts(2)
        yield running


def curl(*args, within=20):
    command = ["curl", "-sk", "--http2", "--noproxy", "*", "--max-time", str(within), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def cookie(person):
    return f"cookie: __Host-mirror_session={person.cookie}"


def transfer(url, person, *more):
    return ["-H", cookie(person), *more, "-w", "\n%{http_version} %{http_code}\n", url]


def test_a_listener_without_a_certificate_speaks_no_tls(mirror, standin):
    for port in (mirror.wiring.proxy_listen[1], mirror.wiring.internal_listen[1]):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
            pytest.raises((ssl.SSLError, ConnectionResetError)),
        ):
            context.wrap_socket(raw, server_hostname="grok.com")
    assert "ERROR" not in mirror.log_text()


def test_the_internal_listener_speaks_no_tls_either(secure):
    port = secure.wiring.internal_listen[1]
    assert curl(f"https://127.0.0.1:{port}/").returncode in (35, 56)


def test_two_users_on_one_connection_stay_apart(secure, standin):
    persons = [
        (secure.person(f"h2-{name}", secure.account_ids[name]), standin.accounts[name].user_id)
        for name in ("super", "heavy")
    ]
    args = ["--parallel", "--parallel-max", "30"]
    for number in range(30):
        person, _ = persons[number % 2]
        url = f"{secure.url}/api/auth/session?{number}"
        args += [*transfer(url, person, "-D", "-"), "--next", "-sk", "--http2"]
    answer = curl(*args[:-3])
    assert answer.stdout.count("HTTP/2 200") == 30, answer.stdout[-500:]
    for person, user_id in persons:
        own = curl(*transfer(f"{secure.url}/api/auth/session", person)).stdout
        assert user_id in own
        assert answer.stdout.count(user_id) == 15 * own.count(user_id)


def test_many_streams_run_side_by_side(secure, standin):
    person = secure.person("many", secure.account_ids["super"])
    standin.control.switch(latency_ms=700)
    for path in ("/rest/user-settings", "/-/me"):
        urls = [f"{secure.url}{path}?{n}" for n in range(24)]
        began = time.monotonic()
        answer = curl("--parallel", "--parallel-max", "24", *transfer(urls[0], person), *urls[1:])
        assert len(re.findall(r"^2 200$", answer.stdout, re.MULTILINE)) == 24, answer.stdout[-300:]
        assert time.monotonic() - began < 5


def test_a_stream_that_is_given_up_takes_no_other_with_it(certificate, tmp_path):
    config = tmp_path / "mitm_config.yaml"
    text = (ROOT / "mitm_config.yaml").read_text()
    config.write_text(text.replace("- {path: /rest/modes,", "- {path: /rest/modes, first_byte: 1,"))

    def script(sock, head):
        if b"/images/a.css" not in head:
            time.sleep(5)
            return
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 30\r\n\r\n")
        for _ in range(30):
            time.sleep(0.1)
            sock.sendall(b"x")

    with hostile_upstream(tmp_path / "upstream") as upstream:
        environ = {**upstream.environ, **certificate}
        with proxy_in_thread(tmp_path / "data", environ, config) as mirror:
            person = mirror.person("alice", add_account("eyJh.eyJz.c2lnbmF0dXJl"))
            upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            mirror.wait_for_accounts(1)
            upstream.script = script
            base = f"{mirror.url}/rest"
            urls = [f"{mirror.url}/images/a.css", f"{base}/modes"]
            answer = curl("--parallel", *transfer(urls[0], person), urls[1])
    assert "upstream_timeout" in answer.stdout
    assert len(re.findall(r"x(?=x*[{\n])", answer.stdout)) == 30
    assert "\n2 200\n" in answer.stdout


def test_pseudo_headers_and_forged_names_do_not_pass(secure, standin):
    person = secure.person("forger", secure.account_ids["super"])
    url = f"{secure.url}/api/auth/session"
    standin.control.forget_requests()
    forged = ["-H", "X-Mirror-User: 1", "-H", "x-mirror-secret: 0", "-H", "Host: evil.example"]
    curl(*transfer(url, person, *forged))
    for seen in standin.control.requests():
        assert seen.host == "grok.com"
        assert not [name for name, _ in seen.headers if name.lower().startswith("x-mirror")]


def test_nothing_is_served_in_the_open_beside_tls(secure, standin):
    person = secure.person("open", secure.account_ids["super"])
    standin.control.forget_requests()
    plain = secure.url.replace("https:", "http:")
    page = curl("-i", "-H", f"cookie: mirror_session={person.cookie}", f"{plain}/c/1?a=b")
    assert page.stdout.startswith("HTTP/1.1 303")
    assert f"location: {secure.url}/c/1?a=b" in page.stdout.lower()
    form = curl("-i", "-d", "user_name=a", "-H", f"origin: {plain}", f"{plain}/-/sign-in")
    assert form.stdout.startswith("HTTP/1.1 400")
    assert standin.control.requests() == []


def test_the_mirror_writes_https_into_pages(secure, standin):
    person = secure.person("reader", secure.account_ids["super"])
    page = curl("-H", cookie(person), f"{secure.url}/").stdout
    assert "http://127.0.0.1" not in page
