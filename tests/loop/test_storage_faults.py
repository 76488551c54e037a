"""The database goes away, or is held locked, while people use the mirror; and it comes back."""

import contextlib
import hashlib
import json
import time
from dataclasses import dataclass

import apsw
import pytest
import requests

import db
from tests.loop.test_chat import signed
from tests.running_mirror import ADMIN_PASSWORD, add_account, running_mirror

WITHIN = 6.0
"""Five seconds, and a little for the machine."""
BACK_WITHIN = 5.0
EMAIL = hashlib.md5(b"me@mail.example").hexdigest()
NEW = "/rest/app-chat/conversations/new"


@dataclass
class Scene:
    """A mirror over one kind of storage, and how to take that away for a while."""

    mirror: object
    person: object
    admin: str
    fault: object
    can_read: bool

    def let_in(self, name):
        """What needs a row to be written."""
        return requests.post(
            f"{self.mirror.url}/api/login",
            json={"user_name": name, "email_md5": EMAIL},
            headers={"authorization": f"Bearer {ADMIN_PASSWORD}"},
            timeout=20,
        )

    def begin(self, words, **more):
        return self.person.http.post(
            self.mirror.url + NEW,
            json={"message": f"/plain {words}", "modeId": "fast"},
            headers=signed(self.mirror),
            timeout=30,
            **more,
        )

    def is_ready(self):
        return requests.get(f"{self.admin}/readyz", timeout=20).status_code == 200


@contextlib.contextmanager
def locked_file(path):
    """Nobody else can write."""
    holder = apsw.Connection(str(path))
    holder.set_busy_timeout(5000)  # the proxy may be writing just now
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@contextlib.contextmanager
def stopped(server):
    """Nobody can even read."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request, standin, tmp_path):
    environ = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": standin.ca_file}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        environ["DATABASE_URL"] = server.url(server.new_database())
        fault = lambda: stopped(server)  # noqa: E731
    else:
        fault = lambda: locked_file(tmp_path / "grok-mirror.db")  # noqa: E731
    with running_mirror(tmp_path, environ, with_sidecar=True) as mirror:
        account = standin.accounts["super"]
        number = add_account(account.sso, "super", account.user_id)
        db.learn_account(number, upstream_user_id=None, email="me@mail.example")
        person = mirror.person("alice", number)
        mirror.wait_for_accounts(1)
        host, port = mirror.settings.admin_bind
        yield Scene(mirror, person, f"http://{host}:{port}", fault, request.param == "sqlite")


def conversation_of(answer):
    first = json.loads(answer.text.splitlines()[0])
    return first["result"]["conversation"]["conversationId"]


def until(what, seconds):
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it did not come back in time"
        time.sleep(0.1)


def test_a_chat_is_had_and_listed(scene):
    answer = scene.begin("hello")
    assert answer.status_code == 200
    listing = scene.person.http.get(scene.mirror.url + "/rest/app-chat/conversations?pageSize=60")
    ids = [one["conversationId"] for one in listing.json()["conversations"]]
    assert conversation_of(answer) in ids
    assert scene.is_ready()


def test_while_the_database_is_away_streams_go_on_and_writes_are_refused(scene, standin):
    before = conversation_of(scene.begin("before"))
    standin.control.switch(token_delay_ms=350)
    stream = scene.begin("one two three four five six seven eight", stream=True)
    lines = stream.iter_lines()
    assert b"conversation" in next(lines)
    with scene.fault():
        began = time.monotonic()
        refused = scene.let_in("bob")
        assert time.monotonic() - began < WITHIN
        assert refused.status_code == 503
        assert "the database does not answer" in refused.json()["msg"]
        assert not scene.is_ready()
        page = scene.person.http.get(scene.mirror.url + "/rest/modes", timeout=20)
        assert page.status_code == (200 if scene.can_read else 503)
        assert scene.can_read or page.json()["error"]["code"] == "storage_busy"
        rest = [json.loads(line) for line in lines if line]
        assert any("modelResponse" in one["result"].get("response", {}) for one in rest)
    standin.control.switch(token_delay_ms=2)
    until(scene.is_ready, BACK_WITHIN)
    assert scene.let_in("bob").status_code == 200
    until(lambda: scene.begin("after").status_code == 200, BACK_WITHIN)
    listing = scene.person.http.get(scene.mirror.url + "/rest/app-chat/conversations?pageSize=60")
    assert before in [one["conversationId"] for one in listing.json()["conversations"]]
    assert "Traceback" not in scene.mirror.log_text(), scene.mirror.log_text()[-9000:]
    assert db.find_user("alice")
