"""Workspaces (projects): their list and life, and the conversations and files that are in them."""

from typing import Any

from aiohttp import web

from standin.ndjson import read_json
from standin.owned_records import add_record, changing, filled, listing, record_of
from standin.paging import page_of
from standin.refusals import json_answer, refuse
from standin.world import account_of, world_of

BASE = "/rest/workspaces"
DEFAULTS: dict[str, Any] = {
    "name": "New project",
    "icon": "",
    "customPersonality": "",
    "preferredModel": "",
    "isPublic": False,
    "isReadonly": False,
    "kind": "WORKSPACE_KIND_DEFAULT",
}
ASSETS = "assetIds"
"""Field of a workspace's values that holds the files put into it."""


async def create(request: web.Request) -> web.Response:
    """A new project of the account."""
    values = filled(DEFAULTS, await read_json(request))
    return json_answer(add_record(request, "workspace", values).as_json())


async def delete(request: web.Request) -> web.Response:
    """Remove a project; its conversations stay, outside of any."""
    record, world = record_of(request, "workspace"), world_of(request)
    world.records.remove("workspace", record.record_id, record.user_id)
    for conversation in world.conversations.listed(record.user_id):
        conversation.workspaces = [w for w in conversation.workspaces if w is not record]
    return json_answer({})


async def shared(request: web.Request) -> web.Response:
    """Projects of the account that were made public, with what is in their description."""
    records = world_of(request).records.of("workspace", account_of(request).user_id)
    public = [record.as_json() for record in records if record.values.get("isPublic")]
    return json_answer({"workspaces": public, "nextPageToken": ""})


async def conversations(request: web.Request) -> web.Response:
    """Conversations in the project, paged."""
    record = record_of(request, "workspace")
    mine = world_of(request).conversations.listed(record.user_id)
    inside = [c for c in mine if record in c.workspaces]
    page, token = page_of(inside, lambda c: c.conversation_id, request.query)
    return json_answer({"conversations": [c.as_json() for c in page], "nextPageToken": token})


async def add_conversation(request: web.Request) -> web.Response:
    """Move a conversation into the project."""
    record, body = record_of(request, "workspace"), await read_json(request)
    store = world_of(request).conversations
    conversation = store.owned(str(body.get("conversationId")), record.user_id)
    if conversation is None:
        return refuse("not_found")
    conversation.workspaces = [record]
    return json_answer(conversation.as_json())


async def assets(request: web.Request) -> web.Response:
    """Files put into the project, and those of its conversations."""
    record, world = record_of(request, "workspace"), world_of(request)
    mine = world.conversations.listed(record.user_id)
    inside = {c.conversation_id for c in mine if record in c.workspaces}
    put = record.values.get(ASSETS, [])
    found = [
        item
        for item in world.files.of(record.user_id)
        if item.file_id in put or item.conversation_id in inside
    ]
    page, token = page_of(found, lambda item: item.file_id, request.query)
    return json_answer({"assets": [item.as_asset() for item in page], "nextPageToken": token})


async def add_asset(request: web.Request) -> web.Response:
    """Put a file of the account into the project."""
    record, body = record_of(request, "workspace"), await read_json(request)
    asset_id = str(body.get("assetId"))
    if world_of(request).files.get(asset_id, record.user_id) is None:
        return refuse("not_found")
    record.values.setdefault(ASSETS, []).append(asset_id)
    return json_answer(record.as_json())


async def permissions(request: web.Request) -> web.Response:
    """Who may see the project: the account, by e-mail and id."""
    record_of(request, "workspace")
    account = account_of(request)
    owner = {"userId": account.user_id, "email": account.email, "role": "WORKSPACE_ROLE_OWNER"}
    return json_answer({"permissions": [owner]})


async def read(request: web.Request) -> web.Response:
    """One project; newer pages want it wrapped, so both forms are in the answer."""
    found = record_of(request, "workspace").as_json()
    return json_answer({**found, "workspace": found})


ROUTES = (
    web.get(BASE, listing("workspace", "workspaces")),
    web.post(BASE, create),
    web.get(f"{BASE}/shared", shared),
    web.get(f"{BASE}/{{id}}", read),
    web.put(f"{BASE}/{{id}}", changing("workspace", DEFAULTS)),
    web.delete(f"{BASE}/{{id}}", delete),
    web.get(f"{BASE}/{{id}}/conversations", conversations),
    web.post(f"{BASE}/{{id}}/conversations", add_conversation),
    web.get(f"{BASE}/{{id}}/assets", assets),
    web.post(f"{BASE}/{{id}}/assets", add_asset),
    web.get(f"{BASE}/{{id}}/permissions", permissions),
)
