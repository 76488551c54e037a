"""What is sent to the proxy's internal listener, and what its answers mean; it is a fake one."""

import base64
import hashlib
import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from api_bridge.door import Door, account_of, caller_name
from api_bridge.internal_listener import InternalListener
from api_bridge.lifeline import CutError, Lifeline
from api_bridge.ports import Caller
from api_bridge.refused import RefusedError
from core.wiring import Wiring

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
OK = b"HTTP/1.1 200 OK\r\nx-mirror-account: 7\r\ncontent-length: 2\r\n\r\nok"
REFUSED = b'{"error":{"code":7,"message":"Request rejected by anti-bot rules."}}'
CHUNKED = (
    b"HTTP/1.1 403 Forbidden\r\nx-mirror-account: 7\r\ncontent-type: application/json\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
    b"10\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (REFUSED[:16], len(REFUSED) - 16, REFUSED[16:])
)


@contextmanager
def listening(answer, then=b""):
    """Answers one connection with these bytes, or with what a function makes of the request."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65_536)
                heard.append(head.decode())
                connection.sendall(answer(head.decode()) if callable(answer) else answer)
                connection.settimeout(5)
                connection.recv(1)
                connection.sendall(then)

        thread = threading.Thread(target=serve)
        thread.start()
        listener = InternalListener(wiring_to(server.getsockname()))
        try:
            yield listener, heard
        finally:
            listener.close()
            thread.join(6)


def wiring_to(address):
    """Of a sidecar to which nothing but the internal listener matters."""
    return Wiring(
        secret="5" * 64,
        proxy_listen=("127.0.0.1", 1),
        internal_listen=address,
        sidecar_listen=("127.0.0.1", 1),
        behind_front=False,
    )


def headers_of(head):
    lines = head.split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def said(door_of, **more):
    with listening(OK) as (listener, heard), door_of(listener).call("GET", "/x", **more) as answer:
        assert answer.read() == b"ok"
        assert account_of(answer) == 7
    return headers_of(heard[0])


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        (Caller("key", "7"), "key:7"),
        (Caller("user", "3"), "user:3"),
        (Caller("env"), "env"),
        (Caller("sso", sso_token="t" * 30), "sso"),
    ],
)
def test_the_caller_is_named(caller, name):
    assert caller_name(caller) == name
    headers = said(lambda listener: Door(listener, caller, Lifeline()))
    assert (headers["x-mirror-caller"], headers["x-mirror-secret"]) == (name, "5" * 64)
    assert headers.get("x-mirror-sso", "") == caller.sso_token


def test_a_tie_and_what_to_avoid_are_told():
    def door(**more):
        return lambda listener: Door(listener, Caller("env"), Lifeline(), **more)

    assert said(door(account_id=4))["x-mirror-account"] == "4"
    assert said(door(avoid=frozenset({9, 2})))["x-mirror-avoid"] == "2,9"
    assert said(door(mode="fast"))["x-mirror-mode"] == "fast"
    assert said(door(sticky="abc"))["x-mirror-sticky"] == "abc"
    assert "x-mirror-sticky" not in said(door(sticky="abc", account_id=4))
    assert said(door(sticky="abc", avoid=frozenset({9})))["x-mirror-sticky"] == "abc"


def test_nothing_is_sent_that_only_a_browser_sends():
    headers = said(lambda listener: Door(listener, Caller("env"), Lifeline()))
    assert not [name for name in headers if name == "origin" or name.startswith("sec-fetch")]
    assert headers["accept-encoding"] == "identity"


def refused(answer, use):
    with listening(answer) as (listener, _):
        door = Door(listener, Caller("env"), Lifeline())
        with pytest.raises(RefusedError) as caught, use(door):
            pass
    return caught.value


@pytest.mark.parametrize(
    "use",
    [lambda door: door.call("GET", "/x"), lambda door: door.socket("/ws/mgw/?uid=u")],
    ids=["call", "handshake"],
)
def test_a_refusal_is_read_however_it_is_framed(use):
    error = refused(CHUNKED, use)
    assert (error.failed.kind, error.account_id) == ("anti_bot", 7)


def test_a_handshake_without_the_right_answer_to_the_key_is_refused():
    wrong = b"HTTP/1.1 101 Ok\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n"
    assert refused(wrong, lambda door: door.socket("/ws")).failed.kind == "internal"


@pytest.mark.parametrize("nonsense", [b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\n"])
def test_nonsense_is_a_lost_connection(nonsense):
    with listening(nonsense) as (listener, _):
        door = Door(listener, Caller("env"), Lifeline())
        with pytest.raises(RefusedError) as caught, door.call("GET", "/x", seconds=0.3):
            pass
    assert caught.value.failed.kind in ("unreachable", "stalled")


def test_a_socket_opens_and_carries_frames():
    def welcome(head):
        key = headers_of(head)["sec-websocket-key"]
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        lines = ["HTTP/1.1 101 Ok", "upgrade: websocket", "connection: upgrade"]
        lines += [f"sec-websocket-accept: {accept}", "x-mirror-account: 7", "", ""]
        return "\r\n".join(lines).encode()

    with listening(welcome, then=b"\x81\x02hi") as (listener, heard):
        door = Door(listener, Caller("env"), Lifeline())
        with door.socket("/ws") as (opened, account_id):
            opened.send("hello")
            assert opened.receive(5) == ["hi"]
            assert account_id == 7
    assert headers_of(heard[0])["sec-websocket-version"] == "13"


def test_a_call_that_is_cut_is_no_failure_of_groks():
    with listening(b"") as (listener, _):
        line = Lifeline()
        threading.Timer(0.1, line.cut).start()
        door = Door(listener, Caller("env"), line)
        with pytest.raises(CutError), door.call("GET", "/x", seconds=None):
            pass


def served(answers, door_of, *, to_the_end=True):
    """How many connections two calls in turn have made."""
    accepted = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def serve(connection):
            with connection, suppress(OSError):
                while connection.recv(65_536):
                    connection.sendall(answers)

        def accept():
            with suppress(OSError):
                while True:
                    accepted.append(server.accept()[0])
                    threading.Thread(target=serve, args=accepted[-1:]).start()

        threading.Thread(target=accept).start()
        listener = InternalListener(wiring_to(server.getsockname()))
        for _ in range(2):
            with suppress(RefusedError), door_of(listener).call("GET", "/x") as answer:
                if to_the_end:
                    answer.read()
        listener.close()
        server.shutdown(socket.SHUT_RDWR)
    return len(accepted)


def env(listener):
    return Door(listener, Caller("env"), Lifeline())


CHUNKED_OK = CHUNKED.replace(b"403 Forbidden", b"200 OK")
ENDING = OK.replace(b"content-length", b"connection: close\r\ncontent-length")


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (OK, 1),
        (CHUNKED_OK, 1),
        (CHUNKED, 1),
        (ENDING, 2),
        (OK + OK, 2),
    ],
    ids=["length", "chunked", "a refusal", "an end", "too much"],
)
def test_a_connection_with_nothing_left_on_it_is_used_again(answer, connections):
    assert served(answer, env) == connections


def test_an_answer_that_is_not_read_to_the_end_ends_its_connection():
    assert served(OK, env, to_the_end=False) == 2


def test_what_was_opened_for_a_callers_own_token_is_nobody_elses():
    own = Caller("sso", sso_token="t" * 30)
    assert served(OK, lambda listener: Door(listener, own, Lifeline())) == 2
