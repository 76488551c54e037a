"""Tasks (automations), what their runs left behind, and the notifications of the account."""

from typing import Any

from aiohttp import web

from standin.conversations import Conversation, Response
from standin.ndjson import read_json
from standin.owned_records import (
    add_record,
    changing,
    filled,
    record_of,
    records_of,
    removing,
)
from standin.paging import page_of
from standin.records import Record
from standin.refusals import json_answer
from standin.traces import notify, spread_title
from standin.world import World

DEFAULTS: dict[str, Any] = {
    "name": "New task",
    "prompt": "",
    "schedule": {"daily": {"hour": 9}},
    "modelId": "auto",
    "isActive": True,
}


async def list_active(request: web.Request) -> web.Response:
    """Tasks that run, and how many there may be."""
    active = _tasks(request, active=True)
    usage = {"frequentUsage": len(active), "frequentLimit": 10}
    return json_answer({"tasks": active, "taskUsage": usage, "unreadResults": []})


async def list_inactive(request: web.Request) -> web.Response:
    """Archived tasks."""
    return json_answer({"tasks": _tasks(request, active=False)})


async def list_automations(request: web.Request) -> web.Response:
    """The newer name of tasks."""
    automations = [{**t, "automationId": t["taskId"]} for t in _tasks(request, active=True)]
    return json_answer({"automations": automations})


async def create(request: web.Request) -> web.Response:
    """A new task of the account."""
    values = filled(DEFAULTS, await read_json(request))
    return json_answer(add_record(request, "task", values).as_json())


async def archive(request: web.Request) -> web.Response:
    """The id of the task is in the body."""
    wanted = str((await read_json(request)).get("taskId") or "")
    record = record_of(request, "task", wanted)
    record.values["isActive"] = False
    return json_answer(record.as_json())


async def results(request: web.Request) -> web.Response:
    """What the runs of one task wrote, with the conversations they are in."""
    task = record_of(request, "task")
    mine = [r for r in records_of(request, "task_result") if r.values["taskId"] == task.record_id]
    page, token = page_of(mine, lambda record: record.record_id, request.query)
    return json_answer({"results": [r.as_json() for r in page], "nextPageToken": token})


async def list_notifications(request: web.Request) -> web.Response:
    """Paged; each names a conversation in its fields, its link and its text."""
    mine = records_of(request, "notification")
    page, token = page_of(mine, lambda record: record.record_id, request.query)
    unread = sum(not record.values["isRead"] for record in mine)
    notes = [record.as_json() for record in page]
    return json_answer({"notifications": notes, "nextPageToken": token, "unreadCount": unread})


async def read_notification(request: web.Request) -> web.Response:
    """Mark one as read."""
    record = record_of(request, "notification")
    record.values["isRead"] = True
    return json_answer(record.as_json())


def run_task(world: World, task: Record, text: str) -> Record:
    """One run: a conversation with the result, the result's record and a notification."""
    now = world.now()
    conversation = world.conversations.create(task.user_id, now)
    conversation.title = str(task.values["name"])
    _say(conversation, str(task.values["prompt"]), text, now)
    values = {
        "taskId": task.record_id,
        "conversationId": conversation.conversation_id,
        "title": conversation.title,
        "preview": text,
    }
    result = world.records.add("task_result", task.user_id, now, values)
    conversation.task_result = result.as_json()
    notify(world, conversation, f"{conversation.title}: {text}")
    spread_title(world, conversation)
    return result


def _say(conversation: Conversation, prompt: str, text: str, now: float) -> None:
    asked = conversation.add(Response.new("human", prompt, now))
    conversation.add(Response.new("ASSISTANT", text, now, asked.response_id))


def _tasks(request: web.Request, *, active: bool) -> list[dict[str, Any]]:
    records = records_of(request, "task")
    return [record.as_json() for record in records if record.values["isActive"] is active]


ROUTES = (
    web.get("/rest/tasks", list_active),
    web.post("/rest/tasks", create),
    web.get("/rest/tasks/inactive", list_inactive),
    web.put("/rest/tasks/archive", archive),
    web.get("/rest/tasks/results/{id}", results),
    web.put("/rest/tasks/{id}", changing("task", DEFAULTS)),
    web.delete("/rest/tasks/{id}", removing("task")),
    web.get("/rest/automations", list_automations),
    web.post("/rest/automations", create),
    web.get("/rest/notifications/list", list_notifications),
    web.post("/rest/notifications/{id}/read", read_notification),
    web.delete("/rest/notifications/{id}", removing("notification")),
)
