import struct

import pytest

REST = "https://grok.com/rest"


async def test_session_has_two_shapes_and_says_when_it_is_dead(standin, page, visitor, account):
    url = "https://grok.com/api/auth/session"
    assert (await (await page.get(url)).json())["session"]["userId"] == account.user_id
    standin.control.switch(session_shape=2)
    assert (await (await page.get(url)).json())["user"]["id"] == account.user_id
    assert (await (await visitor.get(url)).json()) == {"status": "unauthenticated"}
    standin.control.block("super")
    assert (await (await page.get(url)).json()) == {"status": "blocked"}
    standin.control.revoke("super")
    assert (await (await page.get(url)).json()) == {"status": "unauthenticated"}


@pytest.mark.parametrize(
    ("name", "available", "tier"),
    [
        ("free", ["fast"], None),
        ("super", ["auto", "fast", "expert"], "SUBSCRIPTION_TIER_GROK_PRO"),
        ("heavy", ["auto", "fast", "expert", "heavy"], "SUBSCRIPTION_TIER_SUPER_GROK_PRO"),
    ],
)
async def test_modes_and_subscription_follow_the_tier(standin, page, name, available, tier):
    headers = {"Cookie": standin.accounts[name].cookie}
    modes = await (await page.post(f"{REST}/modes", json={}, headers=headers)).json()
    open_modes = [m["id"] for m in modes["modes"] if "available" in m["availability"]]
    assert open_modes == available
    paid = await (await page.get(f"{REST}/subscriptions", headers=headers)).json()
    assert [s["tier"] for s in paid["subscriptions"]] == ([tier] if tier else [])


async def test_the_meter_falls_and_ends_in_429(standin, page):
    async def left():
        answer = await page.post(f"{REST}/rate-limits", json={"modelName": "fast"})
        return await answer.json()

    async def turn():
        body, headers = {"message": "/plain", "modeId": "fast"}, {"x-statsig-id": "x"}
        url = f"{REST}/app-chat/conversations/new"
        return (await page.post(url, json=body, headers=headers)).status

    assert (await left())["remainingQueries"] == 140
    standin.control.set_quota("super", "fast", 1)
    assert await turn() == 200
    assert (await left())["waitTimeSeconds"] > 0
    assert await turn() == 429
    standin.control.switch(meter_lies=True)
    assert (await left())["remainingQueries"] == 140
    assert await turn() == 429
    standin.control.switch(meter_lies=False)
    standin.control.set_quota("super", "fast", 100_000)
    assert (await left())["remainingQueries"] == 100_000, "more than its plan has"
    assert await turn() == 200


async def test_settings_are_kept_per_account(standin, page):
    await page.post(f"{REST}/user-settings", json={"enableMemory": False})
    assert (await (await page.get(f"{REST}/user-settings")).json())["enableMemory"] is False
    other = {"Cookie": standin.accounts["heavy"].cookie}
    mine = await page.get(f"{REST}/user-settings", headers=other)
    assert (await mine.json())["enableMemory"] is True


async def test_billing_speaks_grpc_web(page, visitor):
    url = "https://grok.com/grok_api_v2.GrokBuildBilling/GetGrokCreditsConfig"
    body = await (await page.post(url, data=bytes(5))).read()
    size = struct.unpack(">I", body[1:5])[0]
    assert struct.unpack("<f", body[6:10])[0] == 12.5
    assert body[5 + size :].endswith(b"grpc-status:0\r\n")
    signed_out = await visitor.post(url, data=bytes(5))
    assert signed_out.status == 200
    assert (await signed_out.read()).endswith(b"grpc-status:16\r\n")


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "https://accounts.x.ai/sign-out?redirect=grok-com"),
        ("DELETE", f"{REST}/auth/delete-session?sessionId=1"),
        ("POST", f"{REST}/auth/soft-delete-user"),
    ],
)
async def test_signing_out_kills_the_session(page, method, url):
    await page.request(method, url, allow_redirects=False)
    answer = await page.get(f"{REST}/auth/get-user")
    assert answer.status == 401
    assert "bad-credentials" in await answer.text()


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/rest/auth/get-user", "userId"),
        ("GET", "/rest/products", "products"),
        ("POST", "/rest/models", "models"),
        ("POST", "/rest/media/imagine/quota_info", "image"),
        ("GET", "/rest/workspaces", "workspaces"),
        ("GET", "/rest/tasks", "tasks"),
        ("GET", "/rest/automations", "automations"),
        ("POST", "/rest/system-prompt/list", "prompts"),
        ("POST", "/rest/connectors/list-v2", "connectors"),
        ("POST", "/rest/onboarding/for-user", "onboarding"),
        ("POST", "/rest/livekit/tokens", "token"),
        ("GET", "/rest/assets", "assets"),
    ],
)
async def test_page_load_calls(page, method, path, key):
    assert key in await (await page.request(method, f"https://grok.com{path}")).json()


async def test_unknown_paths(page):
    assert await (await page.get(f"{REST}/never/heard/of")).json() == {}
    missing = await page.get("https://grok.com/never/heard/of")
    assert missing.status == 404
    assert (await missing.json())["code"] == 5
    assert (await page.post("https://grok.com/api/log_metric")).status == 204
    script = await page.get("https://grok.com/cdn-cgi/challenge-platform/h/g/x.js")
    assert script.status == 200
    limited = await page.post(f"{REST}/auth/set-birth-date", json={})
    assert "birth-date-change-limit" in await limited.text()
    heard = await page.post(f"{REST}/voice/speech-to-text", json={"audioBase64": "AA=="})
    assert "text" in await heard.json()
