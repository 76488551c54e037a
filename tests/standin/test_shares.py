import pytest

from tests.standin.test_ndjson import ask, lines

CHAT = "https://grok.com/rest/app-chat"
LINKS = f"{CHAT}/share_links"


@pytest.fixture
def shared(standin):
    conversation = standin.control.plant(
        "super", "conversation", title="A", messages=["Q", "the A"]
    )
    found = conversation["conversationId"]
    link = standin.control.plant("super", "share_link", conversation_id=found)["shareLinkId"]
    return found, link


async def get(page, url):
    return await (await page.get(url)).json()


async def test_links_can_be_listed_for_one_conversation(standin, page, shared):
    other = standin.control.plant("super", "conversation")["conversationId"]
    standin.control.plant("super", "share_link", conversation_id=other)
    assert len((await get(page, LINKS))["shareLinks"]) == 2
    (link,) = (await get(page, f"{LINKS}?pageSize=5&conversationId={shared[0]}"))["shareLinks"]
    assert link["shareLinkId"] == shared[1]
    assert (await get(page, f"{LINKS}?pageSize=1"))["nextPageToken"] == shared[1]


async def test_a_link_gives_the_words_to_any_account(standin, page, visitor, shared):
    other = {"Cookie": standin.accounts["heavy"].cookie}
    data = await page.get(f"{CHAT}/share_links_data/{shared[1]}", headers=other)
    assert (await data.json())["responses"][1]["message"] == "the A"
    clone = await (await page.post(f"{LINKS}/{shared[1]}/clone", headers=other, json={})).json()
    copy = clone["conversation"]["conversationId"]
    assert standin.control.held("heavy")["conversation"] == [copy]
    assert clone["responses"][0]["responseId"] not in str(standin.control.conversations("super"))
    assert (await page.get(f"{LINKS}/{shared[1]}", headers=other)).status == 404
    assert "the A" in await (await visitor.get(f"https://grok.com/share/{shared[1]}")).text()
    notes = (await get(page, "https://grok.com/rest/notifications/list"))["notifications"]
    assert notes[0]["conversationId"] == shared[0]


async def test_unknown_links(page):
    assert (await page.post(f"{LINKS}/none/clone", json={})).status == 404
    assert (await page.get(f"{CHAT}/share_links_data/none")).status == 404


async def test_code_becomes_an_artifact_that_can_be_shared(standin, page):
    await lines(await ask(page, "/code"))
    (artifact,) = (await get(page, f"{CHAT}/artifacts_metadata"))["artifacts"]
    content = await get(page, f"{CHAT}/artifact_content/{artifact['versionId']}")
    assert "print(6 * 7)" in content["content"]
    none = await get(page, f"{CHAT}/artifacts_metadata?conversationId=another")
    assert none["artifacts"] == []
    body = {"artifactId": artifact["artifactId"]}
    assert (await page.post(f"{CHAT}/share_artifact", json=body)).status == 200
    other = {"Cookie": standin.accounts["heavy"].cookie}
    url = f"{CHAT}/artifact_content/{artifact['versionId']}"
    assert (await page.get(url, headers=other)).status == 404
