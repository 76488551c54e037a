import pytest

from tests.standin.gateway import gateway
from tests.standin.test_ndjson import ask, lines

BASE = "https://grok.com/rest/app-chat/conversations"


@pytest.fixture
async def conversation(page):
    found = await lines(await ask(page, "/plain https://grok.com is what I wrote"))
    return found[0]["result"]["conversation"]["conversationId"]


async def get(page, path):
    return await (await page.get(f"{BASE}{path}")).json()


async def test_reads_show_what_was_said(page, conversation):
    nodes = (await get(page, f"/{conversation}/response-node"))["responseNodes"]
    assert [node["sender"] for node in nodes] == ["human", "assistant"]
    ids = {"responseIds": [node["responseId"] for node in nodes]}
    loaded = await (await page.post(f"{BASE}/{conversation}/load-responses", json=ids)).json()
    assert [item["message"] for item in loaded["responses"]] == [
        "/plain https://grok.com is what I wrote",
        "Hello 👋",
    ]
    both = await get(page, f"/{conversation}/responses?includeThreads=false")
    assert len(both["responses"]) == 2


async def test_the_list_has_the_title_and_pages(page, conversation):
    await lines(await ask(page, "second"))
    first = await get(page, "?pageSize=1")
    assert [item["title"] for item in first["conversations"]] == ["second"]
    second = await get(page, f"?pageSize=1&pageToken={first['nextPageToken']}")
    assert second["conversations"][0]["conversationId"] == conversation
    assert second["nextPageToken"] == ""


async def test_both_transports_share_the_store(page, account, conversation):
    async with gateway(page, account) as chat:
        await chat.open(session_id=conversation)
        await chat.ask(conversation, "over the socket")
    both = await get(page, f"/{conversation}/responses")
    assert [item["message"] for item in both["responses"]][2] == "over the socket"


async def test_temporary_conversations_are_not_listed_but_continue(standin, page):
    found = await lines(await ask(page, "x", temporary=True))
    conversation = found[0]["result"]["conversation"]["conversationId"]
    assert (await get(page, ""))["conversations"] == []
    assert (await ask(page, "y", f"{BASE}/{conversation}/responses")).status == 200
    standin.control.switch(temporary_ttl_s=-1)
    assert (await ask(page, "z", f"{BASE}/{conversation}/responses")).status == 404


async def test_rename_star_delete_restore(page, conversation):
    await page.put(f"{BASE}/{conversation}", json={"title": "New name"})
    await page.put(f"{BASE}/{conversation}", json={"starred": True})
    listed = (await get(page, "?filterIsStarred=true&searchQuery=name"))["conversations"]
    assert [item["title"] for item in listed] == ["New name"]
    await page.delete(f"{BASE}/soft/{conversation}")
    assert (await page.get(f"{BASE}_v2/{conversation}")).status == 404
    assert len((await get(page, "/deleted"))["conversations"]) == 1
    await page.post(f"{BASE}/restore", json={"conversationId": conversation})
    assert (await get(page, f"/exists/{conversation}")) == {"exists": True}
    await page.delete(f"{BASE}/{conversation}")
    assert (await get(page, f"/exists/{conversation}")) == {"exists": False}


async def test_small_routes(page, conversation):
    title = await page.post(f"{BASE}/{conversation}/title", json={})
    assert "newTitle" in await title.json()
    created = await (await page.post(BASE, json={})).json()
    ids = [created["conversationId"], conversation, "unknown"]
    query = "&".join(f"conversationIds={item}" for item in ids)
    assert len((await get(page, f"-many?{query}"))["conversations"]) == 2
    assert (await page.delete(f"{BASE}/inflight-response/none")).status == 200
    await page.delete(f"{BASE}/soft")
    assert (await get(page, ""))["conversations"] == []


async def test_sharing_is_public_until_withdrawn(page, visitor, conversation):
    link = (await (await page.post(f"{BASE}/{conversation}/share", json={})).json())["shareLinkId"]
    links = "https://grok.com/rest/app-chat/share_links"
    assert (await (await page.get(f"{links}/{link}")).json())["conversationId"] == conversation
    assert len((await (await page.get(links)).json())["shareLinks"]) == 1
    shared = await visitor.get(f"https://grok.com/share/{link}")
    assert "is what I wrote" in await shared.text()
    await page.delete(f"{links}/{link}")
    assert (await visitor.get(f"https://grok.com/share/{link}")).status == 404


@pytest.mark.parametrize("tail", ["", "/"])
async def test_one_call_deletes_all_that_the_account_said(standin, page, conversation, tail):
    standin.control.plant("heavy", "conversation")
    assert (await page.delete(f"{BASE}{tail}")).status == 200
    assert standin.control.conversations("super") == []
    assert len(standin.control.held("heavy")["conversation"]) == 1


@pytest.mark.parametrize("path", ["_v2/{}", "/{}", "/{}/response-node", "/{}/responses"])
async def test_another_account_gets_404(standin, page, conversation, path):
    other = {"Cookie": standin.accounts["heavy"].cookie}
    answer = await page.get(f"{BASE}{path.format(conversation)}", headers=other)
    assert answer.status == 404
    assert (await answer.json())["code"] == 5
