"""Whose an id is outlives whatever happens to the proxy: killed, short of disk, one of two."""

import asyncio
import contextlib
import json
import threading
import time

import aiohttp
import pytest
import requests

import db
from addons.ownership_journal import OwnershipJournal
from tests.loop.test_chat import headers_of, signed, ws_url
from tests.running_mirror import (
    _wait_for,
    add_account,
    proxy_in_thread,
)

ROUNDS = 20
NEW = "/rest/app-chat/conversations/new"


@pytest.fixture
def proxies(mirror):
    """In the place of the mirror's own proxy: started again and again, on its ports and folder."""
    mirror.processes["addons"].terminate()
    mirror.processes["addons"].wait(10)
    return Proxies(mirror)


class Proxies:
    def __init__(self, mirror):
        self._mirror = mirror

    def start(self):
        self._mirror.start("addons")
        _wait_for(f"{self._mirror.url}/healthz", self._mirror)

    def kill(self):
        self._mirror.processes["addons"].kill()
        self._mirror.processes["addons"].wait(10)


def new_conversation(mirror, person, told):
    """Begin one over HTTP; every id that arrives goes into `told`, whatever happens then."""
    with (
        contextlib.suppress(requests.RequestException),
        requests.post(
            mirror.url + NEW,
            json={"message": "/plain hello there", "modeId": "fast"},
            headers={**signed(mirror), **person.http.headers},
            stream=True,
            timeout=10,
        ) as answer,
    ):
        for line in answer.iter_lines():
            # A proxy that has only just begun may have no account to lend yet.
            conversation = json.loads(line).get("result", {}).get("conversation")
            if conversation:
                told.append(conversation["conversationId"])


async def new_session(mirror, standin, person, told):
    """The same over the chat socket."""
    with contextlib.suppress(aiohttp.ClientError, OSError, TypeError):
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, person)) as socket,
        ):
            for n in range(50):
                create = {"type": "session.create", "event_id": f"e{n}"}
                await socket.send_json({"event": create})
                while (frame := await socket.receive_json(timeout=5))["event"][
                    "type"
                ] != "session.created":
                    pass
                told.append(frame["session_id"])


def test_two_users_take_turns_on_one_connection(mirror, alice, standin):
    """A front's pool mixes people: who asks is told by each request, not by its connection."""
    bob = mirror.person("bob", mirror.account_ids["super"])
    account = mirror.account_ids["super"]
    people = {}
    for name, person in (("alice", alice), ("bob", bob)):
        talk = standin.control.plant("super", "conversation", title=name)["conversationId"]
        owner = f"user:{person.user_id}"
        db.record_ownership([db.Owned(account, "conversation", talk, owner)])
        wish = {"customInstructions": name}
        assert person.http.post(mirror.url + "/rest/user-settings", json=wish).status_code == 200
        people[name] = (person, talk)
    with mirror.connection() as connection:
        first = None
        for number in range(1000):
            name = ("alice", "bob")[number % 2]
            person, _ = people[name]
            headers = {"cookie": f"mirror_session={person.cookie}"}
            if number % 50:
                path = "/rest/user-settings"
            else:
                path = "/rest/app-chat/conversations?pageSize=5"
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200
            assert f'"{name}"'.encode() in body
            assert ({"alice", "bob"} - {name}).pop().encode() not in body
            first = first or connection.sock
            assert connection.sock is first, "one connection"


def test_a_full_disk_stops_what_is_new_and_nothing_else(  # noqa: PLR0915 - one story
    standin, tmp_path, monkeypatch
):
    full = threading.Event()
    append = OwnershipJournal.append

    def no_room(journal, objects):
        if full.is_set():
            raise OSError(28, "No space left on device")
        append(journal, objects)

    has_room = OwnershipJournal.has_room
    monkeypatch.setattr(OwnershipJournal, "append", no_room)
    environ = {
        "GROK_CONNECT_TO": standin.connect_to,
        "GROK_CA_FILE": str(standin.ca_file),
    }
    with proxy_in_thread(tmp_path, environ) as mirror:
        account = standin.accounts["super"]
        number = add_account(account.sso, "super", account.user_id)
        mirror.wait_for_accounts(1)
        alice = mirror.person("alice", number)
        told: list[str] = []
        new_conversation(mirror, alice, told)
        assert len(told) == 1
        full.set()  # found out in the middle of an answer: nothing of it is told
        new_conversation(mirror, alice, told)
        assert len(told) == 1
        monkeypatch.setattr(OwnershipJournal, "has_room", property(lambda _: False))
        standin.control.forget_requests()
        body = {"message": "/plain hi", "modeId": "fast"}
        answer = alice.http.post(mirror.url + NEW, json=body, headers=signed(mirror))
        assert answer.status_code == 503
        assert standin.control.requests(path=NEW) == []
        path = f"{mirror.url}/rest/app-chat/conversations_v2/{told[0]}"
        assert alice.http.get(path).status_code == 200
        listing = alice.http.get(f"{mirror.url}/rest/app-chat/conversations").json()
        assert [c["conversationId"] for c in listing["conversations"]] == told
        full.clear()
        monkeypatch.setattr(OwnershipJournal, "has_room", has_room)
        new_conversation(mirror, alice, told)
        assert len(told) == 2


def test_every_id_that_was_told_is_owned_after_a_kill(mirror, alice, standin, proxies):
    told: list[str] = []
    standin.control.set_quota("super", "fast", 1000)
    for number in range(ROUNDS):
        proxies.start()
        threads = [
            threading.Thread(target=new_conversation, args=(mirror, alice, told)) for _ in range(3)
        ]
        if number % 2:
            sockets = new_session(mirror, standin, alice, told)
            threads.append(threading.Thread(target=asyncio.run, args=(sockets,)))
        before, last = len(told), time.monotonic() + 20
        for thread in threads:
            thread.start()
        while len(told) == before and time.monotonic() < last:
            if not any(thread.is_alive() for thread in threads):
                new_conversation(mirror, alice, told)
            time.sleep(0.001)
        time.sleep(number * 0.004)  # each time a little later
        proxies.kill()
        for thread in threads:
            thread.join(15)
        assert len(told) > before, f"round {number}: nothing was told"
    proxies.start()
    owned = {item.object_id for item in db.owned_by(f"user:{alice.user_id}")}
    assert [one for one in told if one not in owned] == []
    bob = mirror.person("bob", mirror.account_ids["super"])
    for one in told[:3] + told[-3:]:
        path = f"{mirror.url}/rest/app-chat/conversations_v2/{one}"
        assert bob.http.get(path).status_code == 404
