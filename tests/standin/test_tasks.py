import pytest

from tests.standin.test_ndjson import ask, lines

REST = "https://grok.com/rest"


async def get(page, path):
    return await (await page.get(f"{REST}{path}")).json()


@pytest.fixture
async def task(page):
    made = await page.post(f"{REST}/tasks", json={"name": "News", "prompt": "What is new?"})
    return (await made.json())["taskId"]


async def test_a_task_is_listed_changed_and_archived(page, task):
    assert [item["name"] for item in (await get(page, "/tasks"))["tasks"]] == ["News"]
    assert (await get(page, "/automations"))["automations"][0]["automationId"] == task
    await page.put(f"{REST}/tasks/{task}", json={"name": "Old news"})
    await page.put(f"{REST}/tasks/archive", json={"taskId": task})
    assert (await get(page, "/tasks"))["tasks"] == []
    assert [t["name"] for t in (await get(page, "/tasks/inactive"))["tasks"]] == ["Old news"]
    assert (await page.delete(f"{REST}/tasks/{task}")).status == 200
    assert (await page.put(f"{REST}/tasks/archive", json={"taskId": task})).status == 404


async def test_a_run_leaves_a_conversation_a_result_and_a_notification(standin, page, task):
    result = standin.control.plant("super", "task_result", task_id=task, text="Nothing is new.")
    conversation = result["conversationId"]
    assert [
        r["conversationId"] for r in (await get(page, f"/tasks/results/{task}"))["results"]
    ] == [conversation]
    path = f"/app-chat/conversations_v2/{conversation}"
    read = (await get(page, f"{path}?includeTaskResult=true"))["conversation"]
    assert read["taskResult"]["taskId"] == task
    assert (await get(page, f"{path}?includeTaskResult=false"))["conversation"]["taskResult"] == {}
    (note,) = (await get(page, "/notifications/list?pageSize=50"))["notifications"]
    assert note["conversationId"] == conversation
    assert note["link"].endswith(conversation)
    assert "Nothing is new." in note["body"]


async def test_every_new_conversation_is_notified_and_can_be_read(page):
    await lines(await ask(page, "hello you"))
    await lines(await ask(page, "not kept", temporary=True))
    listed = await get(page, "/notifications/list")
    (note,) = listed["notifications"]
    assert (note["title"], listed["unreadCount"]) == ("hello you", 1)
    await page.post(f"{REST}/notifications/{note['notificationId']}/read", json={})
    assert (await get(page, "/notifications/list"))["unreadCount"] == 0


async def test_another_accounts_task_does_not_exist(standin, page, task):
    other = {"Cookie": standin.accounts["heavy"].cookie}
    assert (await page.get(f"{REST}/tasks/results/{task}", headers=other)).status == 404
    body = {"taskId": task}
    assert (await page.put(f"{REST}/tasks/archive", json=body, headers=other)).status == 404
