import pytest

from tests.standin.gateway import gateway
from tests.standin.test_ndjson import ask, lines

REST = "https://grok.com/rest"


async def get(page, path):
    return await (await page.get(f"{REST}{path}")).json()


@pytest.fixture
async def workspace(page):
    made = await page.post(f"{REST}/workspaces", json={"name": "Plans", "customPersonality": "Dry"})
    return (await made.json())["workspaceId"]


async def test_a_project_is_listed_read_changed_and_removed(page, workspace):
    listed = await get(page, "/workspaces?pageSize=50&orderBy=ORDER_BY_LAST_USE_TIME")
    assert [item["name"] for item in listed["workspaces"]] == ["Plans"]
    assert (await get(page, f"/workspaces/{workspace}"))["customPersonality"] == "Dry"
    url = f"{REST}/workspaces/{workspace}"
    await page.put(url, json={"name": "Plans 2", "isPublic": True, "workspaceId": "mine"})
    assert [w["name"] for w in (await get(page, "/workspaces/shared"))["workspaces"]] == ["Plans 2"]
    assert "super@example.org" in str(await get(page, f"/workspaces/{workspace}/permissions"))
    assert (await page.delete(url)).status == 200
    assert (await page.get(url)).status == 404


async def test_pages_go_by_the_id_of_the_last_one(standin, page):
    planted = standin.control.plant_many("super", "workspace", 3, name="Plan")
    first = await get(page, "/workspaces?pageSize=2")
    assert first["nextPageToken"] == planted[1]["workspaceId"]
    second = await get(page, f"/workspaces?pageSize=2&pageToken={first['nextPageToken']}")
    assert [item["name"] for item in second["workspaces"]] == ["Plan 1"]
    assert second["nextPageToken"] == ""
    assert (await page.get(f"{REST}/workspaces?pageToken=unheard-of")).status == 400


async def test_conversations_on_both_transports_belong_to_it(page, account, workspace):
    await lines(await ask(page, "over http", workspaceIds=[workspace]))
    await lines(await ask(page, "outside"))
    async with gateway(page, account) as chat:
        await chat.ask(await chat.open(workspace_ids=[workspace, "a-template"]), "over the socket")
    inside = (await get(page, f"/workspaces/{workspace}/conversations"))["conversations"]
    assert {item["title"] for item in inside} == {"over http", "over the socket"}
    assert inside[0]["workspaces"][0]["workspaceId"] == workspace
    path = "/app-chat/conversations"
    filtered = await get(page, f"{path}?workspaceId={workspace}")
    assert len(filtered["conversations"]) == 2
    rest = await get(page, f"{path}?excludeProjects=true")
    assert [item["title"] for item in rest["conversations"]] == ["outside"]


async def test_its_personality_changes_the_answers_in_it(page, workspace):
    text = str(await lines(await ask(page, "hello", workspaceIds=[workspace])))
    assert "Personality: Dry." in text


async def test_files_of_its_conversations_are_in_it(standin, page, workspace):
    inside = standin.control.plant("super", "conversation", workspace_ids=[workspace])
    file = standin.control.plant("super", "file", conversation_id=inside["conversationId"])
    other = standin.control.plant("super", "file", file_name="b.txt")
    url = f"{REST}/workspaces/{workspace}/assets"
    assert (await page.post(url, json={"assetId": other["assetId"]})).status == 200
    listed = (await get(page, f"/workspaces/{workspace}/assets"))["assets"]
    assert {item["assetId"] for item in listed} == {file["assetId"], other["assetId"]}


@pytest.mark.parametrize("tail", ["", "/conversations", "/assets", "/permissions"])
async def test_another_accounts_project_does_not_exist(standin, page, workspace, tail):
    other = {"Cookie": standin.accounts["heavy"].cookie}
    answer = await page.get(f"{REST}/workspaces/{workspace}{tail}", headers=other)
    assert answer.status == 404
    assert (await answer.json())["code"] == 5
