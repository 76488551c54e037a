"""What users may have, on the whole system: limits shared by both doors, pools, and revocation."""

import asyncio
import time
from contextlib import asynccontextmanager

import aiohttp
import pytest
import requests

import db
from core.api_key import KeyRules
from core.user import UserRules
from tests.loop.test_api import api_mirror
from tests.loop.test_chat import answer_text, headers_of, say, signed, ws_url
from tests.running_mirror import another_proxy

NEW = "/rest/app-chat/conversations/new"
ASK = {"modeId": "fast", "message": "hello"}


@pytest.fixture(scope="module")
def mirror(one_standin, tmp_path_factory):
    with api_mirror(one_standin, tmp_path_factory.mktemp("people")) as running:
        yield running


@pytest.fixture
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=1)
    return standin


def member(mirror, name, account="super", **rules):
    """A signed-in user with rules."""
    user = db.ensure_user(name)
    db.change_user(user.id, note="", expires_at=None, rules=UserRules(**rules))
    return mirror.person(name, mirror.account_ids[account])


def ask_on_the_page(mirror, person, url="", **body):
    url = url or mirror.url
    headers = {**signed(mirror), "origin": url}
    return person.http.post(url + NEW, json={**ASK, **body}, headers=headers, timeout=20)


def ask_by_key(mirror, key, model="grok-fast"):
    body = {"model": model, "messages": [{"role": "user", "content": "scenario:plain"}]}
    headers = {"authorization": f"Bearer {key}"}
    return requests.post(
        f"{mirror.url}/v1/chat/completions", json=body, headers=headers, timeout=20
    )


def modes_on_the_page(mirror, person):
    url, headers = mirror.url + "/rest/modes", {"origin": mirror.url}
    modes = person.http.post(url, json={"locale": "en"}, headers=headers).json()["modes"]
    return {mode["id"]: next(iter(mode["availability"])) for mode in modes}


def models_of(mirror, key):
    headers = {"authorization": f"Bearer {key}"}
    answer = requests.get(f"{mirror.url}/v1/models", headers=headers, timeout=10)
    return {one["id"] for one in answer.json()["data"]}


def key_of(person, name, **rules):
    _, text = db.add_api_key(name, KeyRules(**rules), time.time(), user_id=person.user_id)
    return text


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@asynccontextmanager
async def chat_socket(mirror, standin, person):
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, person)) as socket,
    ):
        yield socket


async def test_questions_of_page_socket_and_keys_count_together(mirror, quick):
    alice = member(mirror, "alice", day_limit=3)
    key = key_of(alice, "alices")
    assert (await asyncio.to_thread(ask_on_the_page, mirror, alice)).status_code == 200
    async with chat_socket(mirror, quick, alice) as socket:
        assert answer_text(await say(socket, "hello"))
    until(lambda: db.user_usage(alice.user_id, time.time()).today == 2, 2)
    assert (await asyncio.to_thread(ask_by_key, mirror, key)).status_code == 200
    refused = await asyncio.to_thread(ask_by_key, mirror, key)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "insufficient_quota"
    await asyncio.sleep(1.5)  # how long the proxy may take to hear of the key's question
    over = await asyncio.to_thread(ask_on_the_page, mirror, alice)
    assert over.status_code == 429
    assert over.json()["error"]["code"] == "day_limit"
    assert int(over.headers["retry-after"]) > 0
    (day,) = db.user_days(alice.user_id)
    assert (day.web, day.api) == (2, 1)


def test_two_proxies_agree_on_a_limit_within_two_seconds(mirror, quick):
    gail = member(mirror, "gail", day_limit=4)
    with another_proxy(mirror) as other:
        urls = (mirror.url, other)
        told = [ask_on_the_page(mirror, gail, url=url).status_code for url in urls]
        assert told == [200, 200]
        time.sleep(2)
        told = [ask_on_the_page(mirror, gail, url=mirror.url).status_code for _ in range(3)]
        assert told == [200, 200, 429]
        time.sleep(2)
        assert ask_on_the_page(mirror, gail, url=other).status_code == 429
    assert db.user_usage(gail.user_id, time.time()).today == 4


async def test_over_the_limit_a_socket_says_so_and_grok_hears_nothing(mirror, quick):
    bob = member(mirror, "bob", day_limit=0)
    async with chat_socket(mirror, quick, bob) as socket:
        events = await say(socket, "hello")
    types = [value["event"]["type"] for _, value in events]
    assert types[-2:] == ["response.grok.output", "response.done"]
    assert "今天的提问次数已用完" in events[-2][1]["event"]["output"]["stream_error"]["message"]
    assert [one["responses"] for one in quick.control.conversations("super")] == [[]]


async def test_a_mode_that_is_not_his_is_refused_on_every_way(mirror, quick):
    fay = member(mirror, "fay", modes=("fast",))
    async with chat_socket(mirror, quick, fay) as socket:
        assert answer_text(await say(socket, "hello"))
    carol = member(mirror, "carol", modes=("expert",))
    menu = await asyncio.to_thread(modes_on_the_page, mirror, carol)
    assert {name for name, kind in menu.items() if kind == "available"} == {"expert"}
    key = key_of(carol, "carols")
    refused = await asyncio.to_thread(ask_on_the_page, mirror, carol)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "mode_not_allowed"
    page = await asyncio.to_thread(ask_on_the_page, mirror, carol, modeId="expert")
    assert page.status_code == 200
    async with chat_socket(mirror, quick, carol) as socket:
        events = await say(socket, "hello")
    assert events[-2][1]["event"]["output"]["stream_error"]["kind"] == "permission_denied"
    assert (await asyncio.to_thread(ask_by_key, mirror, key)).status_code == 403
    other = await asyncio.to_thread(ask_by_key, mirror, key, "grok-expert")
    assert other.status_code == 200
    models = await asyncio.to_thread(models_of, mirror, key)
    assert "grok-expert" in models
    assert "grok-fast" not in models


def test_pools_hold_at_both_doors(mirror, quick):
    pool = db.add_pool("heavy only").id
    db.put_in_pool(pool, [mirror.account_ids["heavy"]])
    dave = member(mirror, "dave", account="super", pools=frozenset({pool}))
    key = key_of(dave, "daves")
    seen = dave.http.get(mirror.url + "/api/auth/session").json()["session"]["userId"]
    assert seen == quick.accounts["heavy"].user_id, "his old car is in no pool of his"
    cars = dave.http.get(mirror.url + "/-/cars").text
    assert "heavy" in cars
    assert f'value="{mirror.account_ids["super"]}"' not in cars
    quick.control.forget_requests()
    for _ in range(3):
        assert ask_by_key(mirror, key).status_code == 200
    assert {one.account for one in quick.control.requests(path="/ws/mgw/")} <= {"heavy"}
    db.take_from_pool(pool, [mirror.account_ids["heavy"]])
    until(lambda: ask_by_key(mirror, key).status_code == 503, 3)
    assert dave.http.get(mirror.url + "/api/auth/session").status_code == 503


@pytest.mark.parametrize("how", ["switched off", "expired", "deleted", "new password"])
async def test_who_is_shut_out_loses_his_open_socket_within_five_seconds(mirror, quick, how):
    name = f"erin-{how.replace(' ', '-')}"
    erin = member(mirror, name)
    key = key_of(erin, name)
    async with chat_socket(mirror, quick, erin) as socket:
        assert answer_text(await say(socket, "hello"))
        await asyncio.to_thread(_shut_out, erin, how)
        began = time.monotonic()
        async with asyncio.timeout(5):
            async for _ in socket:
                pass
        assert socket.closed
        assert time.monotonic() - began < 5
    after = await asyncio.to_thread(erin.http.get, mirror.url + "/api/auth/session")
    assert after.status_code == 401
    by_key = (await asyncio.to_thread(ask_by_key, mirror, key)).status_code
    assert by_key == (200 if how == "new password" else 401)


def test_who_is_shut_out_loses_an_answer_under_way(mirror, quick):
    erin = member(mirror, "erin-reads")
    body = {"message": "/stall", "modeId": "fast"}
    url = f"{mirror.url}/rest/app-chat/conversations/new"
    with erin.http.post(url, json=body, headers=signed(mirror), stream=True, timeout=20) as answer:
        assert answer.status_code == 200
        pieces = answer.iter_content(None)
        next(pieces)
        _shut_out(erin, "switched off")
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            list(pieces)
        assert time.monotonic() - began < 5
    assert quick.control.wait_for_stream_end(timeout=5)


def _shut_out(person, how):
    if how == "switched off":
        db.set_user_enabled(person.user_id, enabled=False)
    elif how == "expired":
        db.change_user(person.user_id, note="", expires_at=time.time() - 1, rules=UserRules())
    elif how == "deleted":
        db.delete_user(person.user_id)
    else:
        db.set_password(person.user_id, "another password")
