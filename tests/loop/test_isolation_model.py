"""Any course of things: three users on one account do what they like, and a model says whose
everything is. Nobody ever reaches or is shown what the model says is another's."""

import asyncio
import json

import aiohttp
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.loop.test_chat import headers_of, signed, ws_url

NAMES = ("alice", "bob", "carol")
CHAT = "/rest/app-chat/conversations"
USERS = st.sampled_from(NAMES)
PICK = st.integers(0, 10_000)


OLD: dict[str, set[str]] = {name: set() for name in NAMES}
WISHES: dict[str, str] = {}


class Users(RuleBasedStateMachine):
    """The rules, over a running mirror, which the test puts here."""

    mirror = standin = people = None

    def __init__(self):
        super().__init__()
        self.talks, self.gone, self.projects, self.files, self.links = {}, set(), {}, {}, {}
        self.wishes = {}

    def ask(self, who, method, path, **more):
        more.setdefault("headers", signed(self.mirror))
        return self.people[who].http.request(method, self.mirror.url + path, timeout=10, **more)

    def check(self, answer, *, mine):
        assert (answer.status_code == 404) is not mine, (answer.status_code, answer.text[:200])

    @rule(who=USERS)
    def begin(self, who):
        body = {"message": f"/plain {who}", "modeId": "fast"}
        first = self.ask(who, "POST", f"{CHAT}/new", json=body).text.splitlines()[0]
        self.talks[json.loads(first)["result"]["conversation"]["conversationId"]] = who

    @rule(who=USERS)
    def begin_on_the_socket(self, who):
        async def begin():
            url = ws_url(self.mirror, self.standin)
            headers = headers_of(self.mirror, self.people[who])
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(url, headers=headers) as ws,
            ):
                await ws.send_json({"event": {"type": "session.create", "event_id": "e"}})
                return (await ws.receive_json(timeout=5))["session_id"]

        self.talks[asyncio.run(begin())] = who

    @rule(who=USERS)
    def look_around(self, who):
        for path, name, field, owners in (
            (CHAT, "conversations", "conversationId", self.talks),
            ("/rest/workspaces", "workspaces", "workspaceId", self.projects),
        ):
            told = self.ask(who, "GET", f"{path}?pageSize=100").json()[name]
            seen = {one[field] for one in told}
            assert seen <= {one for one, owner in owners.items() if owner == who} | self.old(who)
            mine = {one for one, owner in owners.items() if owner == who}
            assert mine - self.gone <= seen

    def old(self, who):
        """What he made in examples before this one."""
        return OLD[who]

    @rule(who=USERS, pick=PICK, method=st.sampled_from(["GET", "PUT", "DELETE"]))
    def use_a_conversation(self, who, pick, method):
        if not self.talks:
            return
        talk = sorted(self.talks)[pick % len(self.talks)]
        path = f"{CHAT}/soft/{talk}" if method == "DELETE" else f"{CHAT}/{talk}"
        body = {"title": f"of {who}"} if method == "PUT" else None
        answer = self.ask(who, method, path, json=body)
        if self.talks[talk] != who:
            assert answer.status_code == 404
        elif talk not in self.gone:
            assert answer.status_code == 200
            if method == "DELETE":
                self.gone.add(talk)

    @rule(who=USERS, pick=PICK)
    def restore(self, who, pick):
        if not self.gone:
            return
        talk = sorted(self.gone)[pick % len(self.gone)]
        answer = self.ask(who, "POST", f"{CHAT}/restore", json={"conversationId": talk})
        self.check(answer, mine=self.talks[talk] == who)
        if answer.status_code == 200:
            self.gone.discard(talk)

    @rule(who=USERS)
    def make_a_project(self, who):
        made = self.ask(who, "POST", "/rest/workspaces", json={"name": who}).json()
        self.projects[made["workspaceId"]] = who

    @rule(who=USERS, pick=PICK)
    def open_a_project(self, who, pick):
        if self.projects:
            one = sorted(self.projects)[pick % len(self.projects)]
            answer = self.ask(who, "GET", f"/rest/workspaces/{one}")
            self.check(answer, mine=self.projects[one] == who)

    @rule(who=USERS)
    def upload(self, who):
        body = {"fileName": "a.txt", "fileMimeType": "text/plain", "content": "aGk="}
        made = self.ask(who, "POST", "/rest/app-chat/upload-file", json=body).json()
        self.files[made["fileMetadataId"]] = who

    @rule(who=USERS, pick=PICK)
    def attach(self, who, pick):
        if self.files:
            one = sorted(self.files)[pick % len(self.files)]
            body = {"message": "/plain x", "modeId": "fast", "fileAttachments": [one]}
            answer = self.ask(who, "POST", f"{CHAT}/new", json=body)
            self.check(answer, mine=self.files[one] == who)
            if answer.status_code == 200:
                first = answer.text.splitlines()[0]
                self.talks[json.loads(first)["result"]["conversation"]["conversationId"]] = who

    @rule(who=USERS, wish=st.text("abc", min_size=3, max_size=3))
    def set_something(self, who, wish):
        wish = f"{who}-{wish}"
        self.ask(who, "POST", "/rest/user-settings", json={"customInstructions": wish})
        WISHES[who] = wish
        for one in NAMES:
            text = self.ask(one, "GET", "/rest/user-settings").text
            assert [w for w in WISHES.values() if w in text] == [
                w for o, w in WISHES.items() if o == one
            ]

    def teardown(self):
        for talk, who in self.talks.items():
            OLD[who].add(talk)
        for one, who in self.projects.items():
            OLD[who].add(one)


def test_nobody_ever_reaches_what_is_anothers(mirror, standin, monkeypatch):
    account = mirror.account_ids["super"]
    standin.control.switch(token_delay_ms=0)
    standin.control.set_quota("super", "fast", 100_000)
    people = {name: mirror.person(name, account) for name in NAMES}
    for name, value in (("mirror", mirror), ("standin", standin), ("people", people)):
        monkeypatch.setattr(Users, name, value)
    run_state_machine_as_test(
        Users,
        settings=settings(
            max_examples=40,
            stateful_step_count=15,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
