"""Three users' things among three hundred of nobody's: each sees exactly his own.

Whatever the size, coding, method or label of an answer, no byte of it tells of another.
"""

import contextlib
import json
from pathlib import Path

import pytest
import requests

from tests.loop.shared_account import own
from tests.loop.test_chat import signed

NAMES = ("alice", "bob", "carol")
LIST = "/rest/app-chat/conversations"
KINDS = {
    # kind: (what is planted, field with its id, kind of id, route, name of the list, words)
    "conversations": ("conversation", "conversationId", "conversation", LIST, {"title": "talk"}),
    "workspaces": (
        "workspace",
        "workspaceId",
        "workspace",
        "/rest/workspaces",
        {"name": "project"},
    ),
    "assets": ("file", "assetId", "file", "/rest/assets", {"file_name": "paper.txt"}),
    "tasks": ("task", "taskId", "task", "/rest/tasks", {"name": "errand"}),
}


class Crowd:
    """What is on the account, and whose it is."""

    def __init__(self, mirror, standin):
        account = mirror.account_ids["super"]
        self.people = {name: mirror.person(name, account) for name in NAMES}
        self.ids, self.all = {}, {}
        for name, (kind, field, id_kind, _, words) in KINDS.items():
            count = 330 if kind == "conversation" else 60
            planted = standin.control.plant_many("super", kind, count, **words)
            ids = [thing[field] for thing in planted]
            self.all[name] = ids
            for n, who in enumerate(NAMES):
                mine = self.ids[who, name] = ids[n::11]
                for one in mine:
                    own(account, self.people[who].user_id, {id_kind: one})

    def foreign(self, who, name):
        return set(self.all[name]) - set(self.ids[who, name])


@pytest.fixture(scope="module")
def crowd(mirror, one_standin):
    one_standin.control.reset()
    one_standin.control.switch(token_delay_ms=0)
    return Crowd(mirror, one_standin)


@pytest.fixture
def switch(crowd, one_standin):
    """Turn switches for the time of a test."""
    before = one_standin.control.switch()
    yield one_standin.control.switch
    one_standin.control.switch(**before)


def pages(mirror, person, route, name, **query):
    """Every element of a list, and how long each page was."""
    found, sizes, token = [], [], ""
    while True:
        more = {"pageToken": token} if token else {}
        answer = person.http.get(mirror.url + route, params={**query, **more})
        assert answer.status_code == 200, answer.text[:300]
        told = answer.json()
        found += told[name]
        sizes.append(len(told[name]))
        token = told.get("nextPageToken")
        if not token:
            return found, sizes
        assert len(sizes) < 50


@pytest.mark.parametrize("who", NAMES)
@pytest.mark.parametrize("name", KINDS)
def test_each_sees_exactly_his_own_in_useful_pages(mirror, crowd, who, name):
    _, field, _, route, _ = KINDS[name]
    found, sizes = pages(mirror, crowd.people[who], route, name, pageSize=8)
    mine = crowd.ids[who, name]
    assert [one[field] for one in found] in (mine, mine[::-1])
    assert all(size == 8 for size in sizes[:-1]), sizes
    whole = json.dumps(found)
    assert not [i for i in crowd.foreign(who, name) if i in whole]


def test_a_search_and_its_parallel_list_tell_of_ones_own_alone(mirror, crowd):
    for who in NAMES:
        query = {"searchQuery": "talk", "pageSize": "100"}
        told = crowd.people[who].http.get(mirror.url + LIST, params=query).json()
        titles = [one["title"] for one in told["conversations"]]
        assert len(titles) == 30
        assert [match["snippet"] for match in told["textSearchMatches"]] == titles


def test_a_cursor_is_good_for_its_user_and_its_list_alone(mirror, crowd):
    def page(who, route, token):
        query = {"pageSize": "5", "pageToken": token}
        return crowd.people[who].http.get(mirror.url + route, params=query)

    token = page("alice", LIST, "").json()["nextPageToken"]
    assert page("alice", LIST, token).status_code == 200
    assert not any(one in token for one in crowd.all["conversations"])
    foreign_id = crowd.ids["bob", "conversations"][3]
    for who, route, cursor in (
        ("bob", LIST, token),
        ("alice", "/rest/workspaces", token),
        ("alice", LIST, token[:-4] + "AAAA"),
        ("alice", LIST, foreign_id),
    ):
        assert page(who, route, cursor).status_code == 404


def test_a_page_is_bounded(mirror, crowd):
    told = crowd.people["alice"].http.get(mirror.url + LIST, params={"pageSize": "100000"}).json()
    assert len(told["conversations"]) == 30
    told = crowd.people["alice"].http.get(mirror.url + LIST, params={"pageSize": "-1"}).json()
    assert len(told["conversations"]) == 30


@pytest.mark.parametrize(
    ("route", "kind", "name", "field"),
    [
        ("/rest/app-chat/share_links", "share_link", "shareLinks", "shareLinkId"),
        ("/rest/notifications/list", "notification", "notifications", ""),
        ("/rest/automations", "", "automations", "taskId"),
        ("/rest/app-chat/conversations/deleted", "", "conversations", "conversationId"),
    ],
)
def test_the_other_lists_too(mirror, crowd, one_standin, route, kind, name, field):
    account = mirror.account_ids["super"]
    theirs = []
    for who in NAMES:
        talk = crowd.ids[who, "conversations"][0]
        if kind:
            made = one_standin.control.plant("super", kind, conversation_id=talk)
            theirs.append((who, made.get(field, talk)))
            if field:
                own(account, crowd.people[who].user_id, {"share": made[field]})
    for who in NAMES:
        told = crowd.people[who].http.get(mirror.url + route).json()
        whole = json.dumps(told)
        assert name in told
        assert [w for w, one in theirs if one in whole] == ([who] if kind else [])
        assert not [i for i in crowd.foreign(who, "conversations") if i in whole]
        assert not [i for i in crowd.foreign(who, "tasks") if i in whole]


def rss(mirror):
    status = Path(f"/proc/{mirror.processes['addons'].pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


SHAPES = [
    *({"pad_bytes": int(size * 1_000_000)} for size in (0.9, 1.1, 5)),
    *({"force_encoding": c, "pad_bytes": 150_000} for c in ("gzip", "br", "zstd", "deflate")),
    {"force_encoding": "rot13"},
    {"chunked": True, "pad_bytes": 150_000},
    {"chunked": True, "force_encoding": "gzip"},
    {"content_type": "text/plain"},
    {"content_type": "application/octet-stream"},
    {"content_type": "text/html"},
    {"content_type": "image/png"},
    {"charset": "utf-16"},
    {"charset": "utf-7"},
    {"charset": "latin-1"},
    {"validators": True},
    {"validators": True, "force_encoding": "br"},
]


WAYS = (
    ("GET", {}),
    ("GET", {"range": "bytes=0-99999"}),
    ("HEAD", {}),
    ("GET", {"range": "bytes=100-", "if-range": '"x"'}),
    ("GET", {"if-none-match": "*"}),
    ("GET", {"accept": "text/html"}),
)


def raw(mirror, person, method="GET", route=LIST, **headers):
    """All bytes that came: head and body, nothing decoded."""
    answer = person.http.request(
        method,
        mirror.url + route,
        headers={"accept-encoding": "gzip, br, zstd", **headers},
        stream=True,
    )
    text = "".join(f"{k}: {v}\n" for k, v in answer.headers.items())
    with contextlib.suppress(requests.RequestException):
        return answer.status_code, text.encode() + answer.raw.read()
    return answer.status_code, text.encode()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(map(str, shape.values())))
def test_no_shape_of_an_answer_leads_around_the_filter(mirror, crowd, switch, shape):
    switch(**shape)
    foreign = [one.encode() for one in crowd.foreign("alice", "conversations")]
    is_huge = shape.get("pad_bytes", 0) > 500_000
    for route in (f"{LIST}?pageSize=20", "/rest/workspaces")[: 1 if is_huge else 2]:
        for method, headers in WAYS[: 2 if is_huge else None]:
            status, told = raw(mirror, crowd.people["alice"], method, route, **headers)
            assert status in (200, 502), (method, headers)
            assert not [one for one in foreign if one in told]
            if status == 200 and method == "GET":
                assert b'"talk' in told or b'"project' in told


def test_more_than_can_be_read_is_an_error_and_little_memory(mirror, crowd, switch):
    before = rss(mirror)
    switch(pad_bytes=65_000_000, shaped_path=LIST)
    foreign = [one.encode() for one in crowd.foreign("alice", "conversations")]
    status, told = raw(mirror, crowd.people["alice"])
    assert status == 502
    assert not [one for one in foreign if one in told]
    assert b'"padding"' not in told
    assert rss(mirror) - before < 60


@pytest.mark.parametrize("rsc", [False, True])
def test_pages_tell_of_ones_own_alone(mirror, crowd, rsc):
    for who in NAMES:
        mine = crowd.ids[who, "conversations"]
        for path in ("/", f"/c/{mine[0]}"):
            more = {"rsc": "1", "accept": "text/x-component"} if rsc else {"accept": "text/html"}
            query = {"_rsc": "abc12"} if rsc else {}
            answer = crowd.people[who].http.get(mirror.url + path, params=query, headers=more)
            assert answer.status_code == 200
            for name in KINDS:
                assert not [i for i in crowd.foreign(who, name) if i in answer.text], path
    foreign = crowd.ids["bob", "conversations"][0]
    answer = crowd.people["alice"].http.get(f"{mirror.url}/c/{foreign}")
    assert answer.status_code == 404


def test_what_one_tells_grok_to_heed_reaches_nobody_elses_answers(mirror, crowd, one_standin):
    one_standin.control.plant("super", "memory", content="the account remembers")
    one_standin.control.plant("super", "settings", customInstructions="the account insists")
    alice, bob = crowd.people["alice"], crowd.people["bob"]
    wish = {"customInstructions": "alice-insists", "preferences": {"colour": "red"}}
    assert alice.http.post(mirror.url + "/rest/user-settings", json=wish).status_code == 200
    assert "alice-insists" in alice.http.get(mirror.url + "/rest/user-settings").text
    assert "alice-insists" not in bob.http.get(mirror.url + "/rest/user-settings").text
    told = {}
    for who, person in (("alice", alice), ("bob", bob)):
        told[who] = (
            person.http.post(
                f"{mirror.url}{LIST}/new",
                json={"message": "hello", "modeId": "fast"},
                headers=signed(mirror),
            )
            .text.replace(" ", "")
            .lower()
        )
    assert "alice" in told["alice"]
    assert "alice" not in told["bob"]
    for text in told.values():
        assert "remembers" not in text
        assert "theaccount" not in text
    for method, path in (
        ("GET", "/rest/app-chat/memory"),
        ("POST", "/rest/system-prompt/list"),
        ("POST", "/rest/skills"),
    ):
        assert "account" not in bob.http.request(method, mirror.url + path).text
