import pytest

from tests.standin.test_ndjson import ask, lines

REST = "https://grok.com/rest"
FILES = f"{REST}/conversations/files"


async def test_generated_pictures_are_assets_with_their_conversation(page):
    said = await lines(await ask(page, "/image a kite"))
    conversation = said[0]["result"]["conversation"]["conversationId"]
    (asset,) = (await (await page.get(f"{REST}/assets")).json())["assets"]
    assert asset["isModelGenerated"] is True
    assert asset["sourceConversationId"] == conversation
    picture = await page.get(f"https://assets.grok.com/{asset['key']}")
    assert len(await picture.read()) == int(asset["sizeBytes"])


async def test_pages_of_assets_and_one_of_them(standin, page):
    planted = standin.control.plant_many("super", "file", 3)
    first = await (await page.get(f"{REST}/assets?pageSize=2")).json()
    assert first["nextPageToken"] == planted[1]["assetId"]
    token = first["nextPageToken"]
    second = await (await page.get(f"{REST}/assets?pageSize=2&pageToken={token}")).json()
    assert [item["assetId"] for item in second["assets"]] == [planted[0]["assetId"]]
    url = f"{REST}/assets/{token}"
    assert (await (await page.get(url)).json())["key"] == planted[1]["key"]
    assert (await page.delete(url)).status == 200
    assert (await page.get(url)).status == 404


async def test_files_of_a_conversation_by_query(standin, page):
    conversation = standin.control.plant("super", "conversation")["conversationId"]
    values = {"file_name": "plan.txt", "text": "the plan", "conversation_id": conversation}
    standin.control.plant("super", "file", **values)
    query = {"conversationId": conversation}
    (listed,) = (await (await page.get(f"{FILES}/list", params=query)).json())["files"]
    assert listed["path"] == "plan.txt"
    content = await page.get(f"{FILES}/content", params={**query, "path": "plan.txt"})
    assert (await content.json())["dataUrl"] == "data:text/plain;base64,dGhlIHBsYW4="


@pytest.mark.parametrize("tail", ["list", "content?path=plan.txt"])
async def test_another_accounts_conversation_has_no_files(standin, page, tail):
    conversation = standin.control.plant("heavy", "conversation")["conversationId"]
    joint = "&" if "?" in tail else "?"
    url = f"{FILES}/{tail}{joint}conversationId={conversation}"
    assert (await page.get(url)).status == 404
