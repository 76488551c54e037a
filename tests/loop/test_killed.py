"""Proxy and sidecar killed at any moment while people chat and come in: what was said to be done
is done, and nothing is half done."""

import contextlib
import random
import threading
import time

import pytest
import requests

import db
from tests.loop.test_chat import signed
from tests.loop.test_storage_faults import EMAIL, conversation_of
from tests.running_mirror import ADMIN_PASSWORD, add_account, running_mirror

ROUNDS = 10
BACK_WITHIN = 60.0


class Traffic:
    """Somebody who goes on whatever happens, and remembers what he was promised."""

    def __init__(self, act):
        self.promised = []
        self._act, self._end = act, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._end.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self):
        number = 0
        while not self._end.is_set():
            number += 1
            promise = None
            with contextlib.suppress(requests.RequestException):
                promise = self._act(number)
            if promise:
                self.promised.append(promise)
            self._end.wait(0.02)  # leave something of the machine to those who start


def restart(mirror, name):
    """Killed, and started again as the supervisor would."""
    mirror.processes[name].kill()
    mirror.processes[name].wait()
    mirror.start(name)


def wait_for(url):
    deadline = time.monotonic() + BACK_WITHIN
    while True:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=2).status_code == 200:
                return
        assert time.monotonic() < deadline, f"{url} did not come back"
        time.sleep(0.05)


class Scene:
    """A mirror with two accounts; somebody chats in the browser, a script lets people in."""

    def __init__(self, mirror, standin):
        self.mirror, self.tokens = mirror, {}
        for name in ("super", "heavy"):
            account = standin.accounts[name]
            number = add_account(account.sso, name, account.user_id)
            self.tokens[number] = account.sso
            standin.control.set_quota(name, "fast", 100_000)
        db.learn_account(number, upstream_user_id=None, email="me@mail.example")
        self.alice = mirror.person("alice", min(self.tokens))
        mirror.wait_for_accounts(2)

    def chat(self, number):
        answer = self.alice.http.post(
            f"{self.mirror.url}/rest/app-chat/conversations/new",
            json={"message": f"/plain {number}", "modeId": "fast"},
            headers=signed(self.mirror),
            timeout=10,
        )
        return conversation_of(answer) if answer.status_code == 200 else None

    def let_in(self, number):
        answer = requests.post(
            f"{self.mirror.url}/api/login",
            json={"user_name": f"user-{number}", "email_md5": EMAIL},
            headers={"authorization": f"Bearer {ADMIN_PASSWORD}"},
            timeout=10,
        )
        return f"user-{number}" if answer.status_code == 200 else None

    def kill_now_and_then(self):
        host, port = self.mirror.settings.admin_bind
        dice = random.Random(7)
        for turn in range(ROUNDS):
            time.sleep(dice.uniform(0.0, 0.3))
            restart(self.mirror, ("addons", "sidecar")[turn % 2])
            wait_for(f"{self.mirror.url}/healthz")
            wait_for(f"http://{host}:{port}/readyz")


@pytest.mark.timeout(300)
def test_whatever_is_killed_nothing_promised_is_lost(standin, tmp_path):
    environ = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": standin.ca_file}
    with running_mirror(tmp_path, environ, with_sidecar=True) as mirror:
        scene = Scene(mirror, standin)
        chats, people = Traffic(scene.chat), Traffic(scene.let_in)
        try:
            scene.kill_now_and_then()
        finally:
            chats.stop()
            people.stop()
        assert chats.promised
        assert people.promised
        assert scene.chat(0), "the mirror serves on"
        owned = {one.object_id for one in db.owned_by(f"user:{scene.alice.user_id}")}
        assert set(chats.promised) <= owned
        assert all(db.find_user(name) for name in people.promised)
        assert {one.id: one.sso_token for one in db.load_accounts()} == scene.tokens
        found = db.examine_database(mirror.settings)
        assert found.is_usable
        assert found.opened == found.secrets
