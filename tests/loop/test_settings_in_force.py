"""HOST, TRUSTED_PROXIES, GOOGLEADS and PROXY_URL_POOL, seen from outside."""

import asyncio
import threading

import aiohttp
import pytest
import requests

from tests.egress_proxies import EgressProxy
from tests.loop.test_chat import headers_of, say, signed, ws_url
from tests.running_mirror import add_account, running_mirror


def upstream_of(standin):
    return {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": str(standin.ca_file)}


@pytest.fixture
def public(standin, tmp_path):
    environ = upstream_of(standin) | {
        "HOST": "https://grok.example.org/",
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "GOOGLEADS": "<script>window.ads=1</script>",
    }
    with running_mirror(tmp_path, environ) as mirror:
        account = standin.accounts["super"]
        add_account(account.sso, "super", account.user_id)
        mirror.wait_for_accounts(1)
        yield mirror


def page(mirror, person, **headers):
    secure = headers.get("x-forwarded-proto") == "https" or "grok.example" in headers.get(
        "host", ""
    )
    name = "__Host-mirror_session" if secure else "mirror_session"
    headers["cookie"] = f"{name}={person.cookie}"
    return requests.get(mirror.url + "/", headers=headers, timeout=10)


def test_behind_tls_urls_are_those_of_host(public):
    person = public.person("alice")
    answer = page(
        public, person, host="grok.example.org",
        **{"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"},
    )  # fmt: skip
    assert "https://grok.example.org/-/cdn.grok.com/" in answer.text
    assert "wss:\\u002F\\u002Fgrok.example.org" in answer.text
    assert public.url not in answer.text


def test_other_names_are_not_served(public):
    # TRUSTED_PROXIES would answer for any name; a stranger's request must not.
    answer = requests.get(public.url + "/", headers={"host": "evil.example"}, timeout=10)
    assert answer.status_code in (401, 421)
    assert "evil.example" not in answer.text


def test_the_snippet_is_in_the_page_and_may_run(public):
    person = public.person("alice")
    answer = page(public, person, host="grok.example.org", **{"x-forwarded-proto": "https"})
    assert answer.text.count("<script>window.ads=1</script>") == 1
    assert answer.text.index("window.ads") < answer.text.index("</head>")


@pytest.fixture
def two_egresses():
    """An http proxy with a password and a socks5h one, in a loop of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    proxies = [
        EgressProxy(scheme="http", places={}, credentials="ann:pass-of-ann"),
        EgressProxy(scheme="socks5h", places={}, credentials="bob:pass-of-bob"),
    ]
    for proxy in proxies:
        asyncio.run_coroutine_threadsafe(proxy.__aenter__(), loop).result(5)
    yield proxies
    for proxy in proxies:
        asyncio.run_coroutine_threadsafe(proxy.__aexit__(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def test_two_accounts_leave_by_their_own_proxy_on_one_connection(standin, tmp_path, two_egresses):
    http, socks = two_egresses
    environ = upstream_of(standin) | {
        "PROXY_URL_POOL": f" {http.spec.url}, {socks.spec.url} , ",
    }
    with running_mirror(tmp_path, environ) as mirror:
        people = {}
        for name in ("super", "heavy"):
            account = standin.accounts[name]
            people[name] = mirror.person(name, add_account(account.sso, name, account.user_id))
        mirror.wait_for_accounts(2)
        with requests.Session() as browser:
            browser.trust_env = False
            for _ in range(3):
                for name, person in people.items():
                    headers = signed(mirror) | {"cookie": f"mirror_session={person.cookie}"}
                    answer = browser.get(mirror.url + "/api/auth/session", headers=headers)
                    assert answer.json()["session"]["userId"] == standin.accounts[name].user_id
        assert {seen.credentials for seen in http.seen} == {"ann:pass-of-ann"}
        assert {seen.credentials for seen in socks.seen} == {"bob:pass-of-bob"}
        log = mirror.log_text()
        assert "pass-of" not in log
        assert not any("pass-of" in str(seen.headers) for seen in standin.control.requests())


async def test_with_web_hatd_no_conversation_is_kept(standin, tmp_path):
    with running_mirror(tmp_path, upstream_of(standin) | {"WEB_HATD": "true"}) as mirror:
        account = standin.accounts["super"]
        person = mirror.person("alice", add_account(account.sso, "super", account.user_id))
        mirror.wait_for_accounts(1)
        headers = headers_of(mirror, person)
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(ws_url(mirror, standin), headers=headers) as socket,
        ):
            await say(socket, "/plain on the socket")
        person.http.post(
            mirror.url + "/rest/app-chat/conversations/new",
            json={"message": "/plain by the older way", "modeId": "fast", "temporary": False},
            headers=signed(mirror),
        )
    kept = await asyncio.to_thread(standin.control.conversations, "super")
    assert [conversation["temporary"] for conversation in kept] == [True, True]


async def test_with_mask_account_id_nobody_sees_it_and_everything_works(standin, tmp_path):
    with running_mirror(tmp_path, upstream_of(standin) | {"MASK_ACCOUNT_ID": "true"}) as mirror:
        account = standin.accounts["super"]
        number = add_account(account.sso, "super", account.user_id)
        alice, bob = mirror.person("alice", number), mirror.person("bob", number)
        mirror.wait_for_accounts(1)
        shown = [
            person.http.get(mirror.url + "/api/auth/session").json()["session"]["userId"]
            for person in (alice, bob)
        ]
        assert len({*shown, account.user_id}) == 3
        url = f"{mirror.url.replace('http', 'ws')}/ws/mgw/?uid={shown[0]}"
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, headers=headers_of(mirror, alice)) as socket,
        ):
            events = await say(socket, "/image a kite")
        assert account.user_id not in str(events)
        uploaded = alice.http.post(
            mirror.url + "/http/upload-file-v2/direct",
            files={"file": ("a.txt", b"hello", "text/plain")},
            headers=signed(mirror),
        ).json()
        place = uploaded["fileMetadata"]["fileUri"]
        assert place.startswith(f"users/{shown[0]}/")
        assert alice.http.get(f"{mirror.url}/-/assets.grok.com/{place}").content == b"hello"
        assert account.user_id not in alice.http.get(mirror.url + "/").text
        assert account.user_id not in alice.http.get(mirror.url + "/rest/assets").text
