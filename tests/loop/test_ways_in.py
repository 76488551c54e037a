"""Before the mirror and into it: the site password, guests and invitations on the whole system."""

import asyncio
import time

import aiohttp
import pytest
import requests

import db
from core.user import UserRules
from tests.loop.test_api import KEY, api_mirror
from tests.running_mirror import ADMIN_PASSWORD

WORD = "the word before all others"


@pytest.fixture(scope="module")
def mirror(one_standin, tmp_path_factory):
    more = {"SITE_PASSWORD": WORD, "GUEST_MODE": "1", "GUEST_DAY_LIMIT": "1"}
    with api_mirror(one_standin, tmp_path_factory.mktemp("ways"), **more) as running:
        yield running


@pytest.fixture
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=1)
    return standin


@pytest.fixture
def browser(mirror):
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update({"accept": "text/html", "origin": mirror.url})
        yield session


def enter(mirror, browser, password=WORD, next_="/"):
    form = {"password": password, "next": next_}
    return browser.post(f"{mirror.url}/-/enter", data=form, allow_redirects=False)


@pytest.mark.parametrize(
    "path", ["/", "/-/sign-in", "/-/link/abc", "/-/join", "/-/cars", "/c/abc", "/no/such/page"]
)
def test_every_page_asks_for_the_site_password_first(mirror, browser, quick, path):
    quick.control.forget_requests()
    page = browser.get(mirror.url + path)
    assert page.url.startswith(f"{mirror.url}/-/enter?next=")
    assert quick.control.requests() == []


def test_what_is_no_page_is_refused_by_name_even_for_who_is_signed_in(mirror):
    alice = mirror.person("alice")
    answer = alice.http.get(mirror.url + "/api/auth/session")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "site_password_required"
    planted = {"cookie": f"{alice.http.headers['cookie']}; mirror_site=x; mirror_site=y"}
    again = requests.get(mirror.url + "/api/auth/session", headers=planted, timeout=10)
    assert again.status_code == 401


async def test_no_socket_opens_without_it(mirror):
    alice = await asyncio.to_thread(mirror.person, "alice")
    headers = {"cookie": alice.http.headers["cookie"], "origin": mirror.url}
    url = mirror.url.replace("http", "ws") + "/ws/mgw/?uid=u"
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(url, headers=headers)
    assert refused.value.status == 401


def test_scripts_with_a_key_health_and_the_look_of_the_page_need_no_password(mirror, quick):
    def get(path, **headers):
        return requests.get(mirror.url + path, headers=headers, timeout=20).status_code

    assert get("/healthz") == 200
    assert get("/-/static/ui.css") == 200
    assert get("/v1/models", authorization=f"Bearer {KEY}") == 200
    assert get("/api/get-grok-list", authorization=f"Bearer {ADMIN_PASSWORD}") == 200
    assert get("/api/get-grok-list") == 401


def test_the_password_opens_the_way_and_stays_here(mirror, browser, quick):
    assert enter(mirror, browser, "wrong").status_code == 401
    answer = enter(mirror, browser, next_="/-/sign-in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/-/sign-in")
    assert browser.get(mirror.url + "/-/sign-in").status_code == 200
    alice = mirror.person("alice")
    browser.cookies.set("mirror_session", alice.cookie)
    quick.control.forget_requests()
    seen = browser.get(mirror.url + "/api/auth/session").json()
    assert seen["status"] == "authenticated"
    sent = "\n".join(one.header("cookie") or "" for one in quick.control.requests())
    assert "mirror_site" not in sent


def test_a_guest_looks_in_and_has_a_guests_limit(mirror, browser, quick):
    enter(mirror, browser)
    answer = browser.post(mirror.url + "/-/guest", allow_redirects=False)
    assert answer.status_code == 303
    assert "guest-" in browser.get(mirror.url + "/-/me").text
    ask = {"modeId": "fast", "message": "hello"}
    url = mirror.url + "/rest/app-chat/conversations/new"
    headers = {"x-statsig-id": "toy"}
    told = [browser.post(url, json=ask, headers=headers).status_code for _ in range(2)]
    assert told == [200, 429]


def test_who_joins_by_a_code_is_at_the_page_at_once(mirror, browser, quick):
    enter(mirror, browser)
    _, code = db.make_invite(time.time(), 60.0, 1, rules=UserRules(day_limit=5))
    form = {"code": code, "user_name": "newcomer", "password": "a good password"}
    answer = browser.post(mirror.url + "/-/join", data=form, allow_redirects=False)
    assert answer.status_code == 303
    assert browser.get(mirror.url + "/api/auth/session").json()["status"] == "authenticated"
    second = browser.post(mirror.url + "/-/join", data=form, allow_redirects=False)
    assert second.status_code == 401
