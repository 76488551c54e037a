"""A user's own conversations on the whole system: two people on one account, each gets only his."""

import contextlib
import io
import json
import time
import zipfile

import pytest
import requests

import db
from admin.archivist import Archivist
from admin.grok_history import GrokHistory, HistoryError
from admin.history_export import export_user
from admin.user_commands import CommandError
from core.account import AccountStatus
from core.user import UserRules
from tests.loop.test_api import api_mirror
from tests.loop.test_chat import signed
from tests.loop.test_people import until

NEW = "/rest/app-chat/conversations/new"
PAGE = "/-/me/conversations"


@pytest.fixture(scope="module")
def mirror(one_standin, tmp_path_factory):
    with api_mirror(one_standin, tmp_path_factory.mktemp("own")) as running:
        yield running


@pytest.fixture
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=0)
    return standin


@pytest.fixture
def alice(mirror, quick):
    return fresh(mirror, "alice")


@pytest.fixture
def bob(mirror, quick):
    return fresh(mirror, "bob")


def fresh(mirror, name, account="super"):
    """Nothing is left of an earlier test."""
    if user := db.find_user(name):
        db.delete_user(user.id)
    return mirror.person(name, mirror.account_ids[account])


def talk(mirror, person, *questions):
    """Conversations with these first questions; their ids."""
    ids, asked = [], db.user_usage(person.user_id, time.time()).today
    for question in questions:
        answer = person.http.post(
            mirror.url + NEW,
            json={"message": question, "modeId": "fast"},
            headers=signed(mirror),
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        first = json.loads(answer.text.splitlines()[0])
        ids.append(first["result"]["conversation"]["conversationId"])
    # Whose they are, and that he has asked, is told to the database a moment after the ids.
    until(lambda: set(ids) <= {one.object_id for one in db.owned_by(f"user:{person.user_id}")})
    until(lambda: db.user_usage(person.user_id, time.time()).today >= asked + len(ids))
    return ids


def own(mirror):
    return {"origin": mirror.url}


def download_all(mirror, person, format_):
    answer = person.http.post(
        f"{mirror.url}{PAGE}/all.zip", data={"format": format_}, headers=own(mirror), timeout=60
    )
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


def page(mirror, person, path=PAGE):
    return person.http.get(f"{mirror.url}{path}", params={"lang": "en"}, timeout=30)


def test_each_of_two_users_on_one_account_gets_only_his_own(mirror, alice, bob):
    hers = talk(mirror, alice, "/plain the words of alice <b>", "/plain more of alice")
    his = talk(mirror, bob, "/plain the words of bob")
    for person, mine, foreign, words in (
        (alice, hers, his, b"of bob"),
        (bob, his, hers, b"of alice"),
    ):
        listed = page(mirror, person).text
        assert all(one in listed for one in mine)
        assert not any(one in listed for one in foreign)
        for format_ in ("md", "json"):
            with download_all(mirror, person, format_) as made:
                assert made.testzip() is None
                names = set(made.namelist()) - {"about.txt"}
                assert len(names) == len(mine)
                assert all(any(one in name for name in names) for one in mine)
                assert not any(words in made.read(name) for name in names)
    account = mirror.account_ids["super"]
    one = page(mirror, alice, f"{PAGE}/{account}/{hers[0]}/file.md")
    assert "the words of alice &lt;b>" in one.text
    assert "## Grok" in one.text
    assert one.headers["content-disposition"].startswith("attachment;")
    assert "the words of alice &lt;b&gt;" in page(mirror, alice, f"{PAGE}/{account}/{hers[0]}").text


def test_what_is_anothers_unknown_or_on_another_account_is_not_found(mirror, alice, bob, quick):
    [hers] = talk(mirror, alice, "/plain mine")
    [his] = talk(mirror, bob, "/plain his")
    account, other = mirror.account_ids["super"], mirror.account_ids["heavy"]
    before = len(quick.control.requests())
    for place in (f"{account}/{his}", f"{other}/{hers}", f"{account}/{'0' * 36}", "999999/x"):
        for path in ("", "/file.md", "/file.json"):
            assert page(mirror, alice, f"{PAGE}/{place}{path}").status_code == 404
        for do in ("continue", "delete"):
            answer = alice.http.post(
                f"{mirror.url}{PAGE}/{place}/{do}", headers=own(mirror), timeout=20
            )
            assert answer.status_code == 404
    assert len(quick.control.requests()) == before


def test_several_hundred_conversations_are_listed_found_and_downloaded(mirror, alice, quick):
    turns = [f"message {number} 天气" for number in range(90)]  # more than are loaded in one go
    planted = quick.control.plant_many("super", "conversation", 299, title="talk", hours_ago=1)
    planted.append(quick.control.plant("super", "conversation", title="long", messages=turns))
    account, owner = mirror.account_ids["super"], f"user:{alice.user_id}"
    ids = [one["conversationId"] for one in planted]
    db.record_ownership([db.Owned(account, "conversation", one, owner) for one in ids])
    assert "1–50 of 300" in page(mirror, alice).text
    assert "251–300 of 300" in page(mirror, alice, f"{PAGE}?page=6").text
    with download_all(mirror, alice, "json") as made:
        assert made.testzip() is None
        texts = [json.loads(made.read(name)) for name in made.namelist() if name != "about.txt"]
    assert {text["id"] for text in texts} == set(ids)
    said = [[message["text"] for message in text["messages"]] for text in texts]
    assert sorted(map(len, said)) == [2] * 299 + [90]
    assert turns in said


def test_while_grok_wants_to_be_left_alone_that_is_said(mirror, alice, quick):
    [mine] = talk(mirror, alice, "/plain soon too many")
    quick.control.refuse("super", "429")
    shown = page(mirror, alice)
    assert shown.status_code == 200
    assert "wants super to be left alone" in shown.text
    one = page(mirror, alice, f"{PAGE}/{mirror.account_ids['super']}/{mine}/file.md")
    assert one.status_code == 503
    with download_all(mirror, alice, "md") as made:
        assert mine in made.read("not-exported.txt").decode()
    quick.control.refuse("super", "")


def test_the_command_writes_the_file_once(mirror, alice, tmp_path):
    talk(mirror, alice, "/plain by the command")
    target = tmp_path / "alice.zip"
    said = export_user("alice", target, "md", mirror.wiring)
    assert "1 个对话" in said
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as made:
        assert len(made.namelist()) == 2
    with pytest.raises(CommandError):
        export_user("alice", target, "md", mirror.wiring)
    with pytest.raises(CommandError):
        export_user("nobody", tmp_path / "x.zip", "md", mirror.wiring)


def archivist(mirror, megabytes=10):
    return Archivist(GrokHistory(mirror.wiring), megabytes, lambda seconds: False, pace=0.0)


def test_the_archive_outlives_the_account_and_the_talk_goes_on_elsewhere(mirror, alice, quick):
    kept, changed = talk(mirror, alice, "/plain remember the kite", "/plain another")
    account = mirror.account_ids["super"]
    assert archivist(mirror).round()
    assert db.list_archived(alice.user_id) == []  # nobody has asked for it
    alice.http.post(f"{mirror.url}/-/me/archive", data={"do": "on"}, headers=own(mirror))
    assert archivist(mirror).round()
    assert {one.head.id for one in db.list_archived(alice.user_id)} == {kept, changed}
    before = len(quick.control.requests())
    assert archivist(mirror).round()
    asked = [one.path for one in quick.control.requests()[before:]]
    assert not any("load-responses" in path for path in asked)  # nothing has changed
    db.mark_account(account, AccountStatus.SIGNED_OUT, "dead")
    try:
        shown = page(mirror, alice)
        assert "super is signed out" in shown.text
        assert "archive only" in shown.text
        read = page(mirror, alice, f"{PAGE}/{account}/{kept}")
        assert "remember the kite" in read.text
        with download_all(mirror, alice, "md") as made:
            assert len(made.namelist()) == 3
        continue_on_heavy(mirror, alice, f"{PAGE}/{account}/{kept}/continue", quick)
    finally:
        db.mark_account(account, AccountStatus.OK, "")
        until(lambda: is_lent(mirror, alice, account))
    deleted = alice.http.post(
        f"{mirror.url}/-/me/archive/delete", headers=own(mirror), allow_redirects=False
    )
    assert deleted.status_code == 303
    assert db.list_archived(alice.user_id) == []
    assert not db.wants_archive(alice.user_id)


def is_lent(mirror, person, account):
    """The proxy looks at the accounts once a second."""
    with contextlib.suppress(HistoryError):
        return list(GrokHistory(mirror.wiring).heads(person.user_id, account, ["x"])) == []


def continue_on_heavy(mirror, alice, path, standin):
    db.assign_account(alice.user_id, mirror.account_ids["heavy"], chosen=True)
    used = db.user_usage(alice.user_id, time.time()).today
    answer = alice.http.post(
        mirror.url + path, headers=own(mirror), allow_redirects=False, timeout=60
    )
    assert answer.status_code == 303, answer.text
    new = answer.headers["location"].removeprefix("/c/")
    owners = db.owners_of(mirror.account_ids["heavy"], [new])
    assert owners == {("conversation", new): f"user:{alice.user_id}"}
    assert db.user_usage(alice.user_id, time.time()).today == used + 1
    for _ in range(50):  # the answer is heard to its end in the background
        read = page(mirror, alice, f"{PAGE}/{mirror.account_ids['heavy']}/{new}/file.json").json()
        if len(read["messages"]) == 2 and read["messages"][1]["text"]:
            break
        time.sleep(0.1)
    assert "remember the kite" in read["messages"][0]["text"]
    assert alice.http.get(f"{mirror.url}/c/{new}", timeout=10).status_code == 200


def test_a_long_transcript_goes_along_as_a_file(mirror, alice, quick):
    words = " ".join(f"word{number}" for number in range(15_000))
    [long] = talk(mirror, alice, f"/plain {words}")
    place = f"{PAGE}/{mirror.account_ids['super']}/{long}/continue"
    answer = alice.http.post(
        mirror.url + place, headers=own(mirror), allow_redirects=False, timeout=60
    )
    assert answer.status_code == 303, answer.text
    assert any(one.path.startswith("/http/upload-file") for one in quick.control.requests())


def test_going_on_is_held_to_the_limits(mirror, alice, quick):
    [mine] = talk(mirror, alice, "/plain once")
    time.sleep(0.4)
    db.change_user(alice.user_id, note="", expires_at=None, rules=UserRules(day_limit=1))
    path = f"{mirror.url}{PAGE}/{mirror.account_ids['super']}/{mine}/continue"
    before = len(quick.control.conversations("super"))
    answer = alice.http.post(path, headers=own(mirror), timeout=20, params={"lang": "en"})
    assert answer.status_code == 429
    assert "no question left today" in answer.text
    assert len(quick.control.conversations("super")) == before


def test_an_archive_is_bounded(mirror, alice):
    talk(mirror, alice, "/plain a", "/plain b")
    db.set_archive(alice.user_id, 0.0, on=True)
    assert archivist(mirror, megabytes=0).round()
    assert db.list_archived(alice.user_id) == []


def test_a_form_of_another_site_downloads_nothing(mirror, alice):
    answer = requests.post(
        f"{mirror.url}{PAGE}/all.zip",
        data={"format": "md"},
        headers={"cookie": alice.http.headers["cookie"], "origin": "https://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403


def test_who_hangs_up_in_a_download_can_begin_another(mirror, alice, quick):
    planted = quick.control.plant_many("super", "conversation", 60, title="talk")
    account, owner = mirror.account_ids["super"], f"user:{alice.user_id}"
    db.record_ownership(
        [db.Owned(account, "conversation", one["conversationId"], owner) for one in planted]
    )

    def download():
        return alice.http.post(
            f"{mirror.url}{PAGE}/all.zip",
            data={"format": "md"},
            headers=own(mirror),
            stream=True,
            timeout=30,
        )

    begun = download()
    assert begun.status_code == 200
    assert next(begun.iter_content(64))[:2] == b"PK"
    begun.close()

    def is_free():
        answer = download()
        answer.close()
        return answer.status_code == 200

    until(is_free, 20)


def test_the_page_loads_the_badge_and_nobody_else_is_told_of_it(mirror, alice):
    shown = alice.http.get(mirror.url, timeout=10)
    assert shown.text.count('<script src="/-/static/badge.js" defer></script></head>') == 1
    for name in ("badge.js", "badge.css"):
        assert alice.http.get(f"{mirror.url}/-/static/{name}", timeout=10).status_code == 200
    stranger = requests.get(
        f"{mirror.url}/-/me/badge", headers={"accept": "application/json"}, timeout=10
    )
    assert stranger.status_code == 401
