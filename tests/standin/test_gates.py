import pytest

from standin.gates import site_verification, toy_signature

USER = "https://grok.com/rest/auth/get-user"
NEW = "https://grok.com/rest/app-chat/conversations/new"


def cookies(**values):
    return {"Cookie": "; ".join(f"{k.replace('_', '-')}={v}" for k, v in values.items())}


@pytest.mark.parametrize(
    ("pattern", "status", "marker"),
    [
        pytest.param("{sso} {rw}", 200, "", id="both cookies"),
        pytest.param("", 401, "no-credentials", id="no cookie"),
        pytest.param("{sso}", 401, "no-credentials", id="only sso"),
        pytest.param("{sso} other", 401, "no-credentials", id="sso-rw differs"),
        pytest.param("a.b.c a.b.c", 401, "no-credentials", id="unknown token"),
    ],
)
async def test_sign_in_gate(visitor, account, pattern, status, marker):
    sso, _, rw = pattern.format(sso=account.sso, rw=account.sso).partition(" ")
    headers = cookies(**({"sso": sso} if sso else {}), **({"sso_rw": rw} if rw else {}))
    answer = await visitor.get(USER, headers=headers)
    assert answer.status == status
    assert marker in await answer.text()


async def test_sso_only_can_be_403(standin, visitor, account):
    standin.control.switch(sso_only_is_403=True)
    answer = await visitor.get(USER, headers=cookies(sso=account.sso))
    assert answer.status == 403
    assert (await answer.json())["error"]["code"] == 7


@pytest.mark.parametrize(
    ("refusal", "status", "marker"),
    [
        ("expired", 401, "bad-credentials"),
        ("blocked", 403, "blocked-user"),
        ("antibot", 403, "anti-bot"),
        ("cf", 403, "Just a moment"),
        ("429", 429, "Too many"),
        ("5xx", 502, "Bad gateway"),
    ],
)
async def test_one_account_can_fail_in_each_way(standin, page, refusal, status, marker):
    standin.control.refuse("super", refusal)
    answer = await page.get(USER)
    assert answer.status == status
    assert marker in await answer.text()
    other = {"Cookie": standin.accounts["heavy"].cookie}
    assert (await page.get(USER, headers=other)).status == 200


@pytest.mark.parametrize(
    ("cookie", "agent", "status"),
    [
        ("cf_clearance=toy-clearance", "Right/1", 200),
        ("cf_clearance=old", "Right/1", 403),
        ("cf_clearance=toy-clearance", "Wrong/1", 403),
        ("", "Right/1", 403),
    ],
)
async def test_edge_gate(standin, visitor, cookie, agent, status):
    standin.control.switch(edge_gate=True, user_agent="Right/1")
    for url in ("https://grok.com/", "https://assets.grok.com/x", "https://cdn.grok.com/x"):
        answer = await visitor.get(url, headers={"Cookie": cookie, "User-Agent": agent})
        assert (answer.status == 403 and "cf-mitigated" in answer.headers) == (status == 403)


@pytest.mark.parametrize(
    ("signed", "value", "status"),
    [
        ("present", "", 403),
        ("present", "anything", 200),
        ("exact", "anything", 403),
        ("exact", "{right}", 200),
        ("off", "", 200),
    ],
)
async def test_signed_paths(standin, page, signed, value, status):
    standin.control.switch(signed=signed)
    meta = site_verification("standin")
    right = toy_signature("0" * 21, "POST", "/rest/app-chat/conversations/new", meta)
    assert len(right) == 94
    headers = {"x-statsig-id": value.format(right=right)} if value else {}
    answer = await page.post(NEW, json={"message": "/plain", "modeId": "fast"}, headers=headers)
    assert answer.status == status
    states = {"": "absent", "anything": "wrong", "{right}": "right"}
    assert standin.control.requests()[-1].statsig == states[value]


async def test_a_foreign_origin_is_an_anti_bot_case(page):
    answer = await page.post(
        "https://grok.com/rest/modes", json={}, headers={"Origin": "http://mirror.example"}
    )
    assert answer.status == 403


async def test_every_normal_answer_refreshes_the_bot_cookie(visitor):
    first = (await visitor.get("https://grok.com/")).headers.getall("Set-Cookie")
    second = (await visitor.get("https://grok.com/rest/x")).headers.getall("Set-Cookie")
    assert [c for c in first if c.startswith("__cf_bm=") and "Domain=.grok.com" in c]
    assert first[-1] != second[-1]
