"""Things put directly on an account, as if its owner had made them before anybody shared it.

One function a kind; each takes the account and the caller's values and gives JSON back.
"""

import base64
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from standin import personal_rest, posts, tasks, workspaces
from standin.accounts import Account
from standin.conversations import Conversation, Response
from standin.records import ID_FIELDS, Record
from standin.traces import add_artifact, learn, notify
from standin.world import World

Values = Mapping[str, Any]
Planter = Callable[[World, Account, Values], Awaitable[dict[str, Any]]]

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "workspace": workspaces.DEFAULTS,
    "task": tasks.DEFAULTS,
    "post": posts.DEFAULTS,
    "system_prompt": personal_rest.PROMPT,
    "skill": personal_rest.SKILL,
}


async def plant(world: World, account: Account, kind: str, values: Values) -> dict[str, Any]:
    """One thing of this kind; ValueError names the kinds there are."""
    if kind in DEFAULTS:
        filled = {**DEFAULTS[kind], **values}
        return world.records.add(kind, account.user_id, world.now(), filled).as_json()
    planter = _PLANTERS.get(kind)
    if planter is None:
        raise ValueError(f"unknown kind: {kind}; there are {', '.join(KINDS)}")
    return await planter(world, account, values)


def held(world: World, account: Account) -> dict[str, list[str]]:
    """Ids of everything the account has, by kind; conversations in the trash are left out."""
    store, user_id = world.conversations, account.user_id
    mine = [conversation["conversationId"] for conversation in store.dump(user_id)]
    links = [link for link, (owner, _) in store.share_links.items() if owner in mine]
    records = {kind: [r.record_id for r in world.records.of(kind, user_id)] for kind in ID_FIELDS}
    return {
        "conversation": [item for item in mine if store.owned(item, user_id)],
        "file": [item.file_id for item in world.files.of(user_id)],
        "share_link": links,
        **records,
    }


async def _conversation(world: World, account: Account, values: Values) -> dict[str, Any]:
    """`messages` are a question, its answer, and so on in turns; `hours_ago` makes it older."""
    now = world.now() - 3_600 * float(values.get("hours_ago", 0))
    temporary = bool(values.get("temporary"))
    conversation = world.conversations.create(account.user_id, now, temporary=temporary)
    conversation.title = str(values.get("title", "An older conversation"))
    conversation.starred = bool(values.get("starred"))
    ids = values.get("workspace_ids")
    conversation.workspaces = world.records.chosen("workspace", ids, account.user_id)
    for number, text in enumerate(values.get("messages", ("Hello", "Hello to you"))):
        sender = "ASSISTANT" if number % 2 else "human"
        conversation.add(Response.new(sender, str(text), now, conversation.last_id()))
    return conversation.as_json() | {"responseIds": list(conversation.responses)}


async def _file(world: World, account: Account, values: Values) -> dict[str, Any]:
    """Text in `text`, or bytes in base64 in `content`."""
    body = str(values.get("text", "a file")).encode()
    if "content" in values:
        body = base64.b64decode(str(values["content"]))

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    name = str(values.get("file_name", "older.txt"))
    kind = str(values.get("mime_type", "text/plain"))
    stored = await world.files.store(account.user_id, name, kind, pieces(), world.now())
    stored.conversation_id = str(values.get("conversation_id", ""))
    return stored.as_asset()


async def _image(world: World, account: Account, values: Values) -> dict[str, Any]:
    """A generated picture, on the assets host."""
    image_id = str(values.get("image_id") or f"img-{uuid.uuid4().hex[:8]}")
    key = f"users/{account.user_id}/generated/{image_id}/image.jpg"
    conversation_id = str(values.get("conversation_id", ""))
    return world.files.note_generated(account.user_id, key, world.now(), conversation_id).as_asset()


async def _share_link(world: World, account: Account, values: Values) -> dict[str, Any]:
    conversation = _named(world, account, values)
    leaf = conversation.last_id()
    return {"shareLinkId": world.conversations.share(conversation.conversation_id, leaf)}


async def _task_result(world: World, account: Account, values: Values) -> dict[str, Any]:
    """A run of the task `task_id`: conversation, result, notification and news."""
    task = world.records.get("task", str(values.get("task_id")), account.user_id)
    if task is None:
        raise ValueError("task_id names no task of the account")
    return tasks.run_task(world, task, str(values.get("text", "Done."))).as_json()


async def _notification(world: World, account: Account, values: Values) -> dict[str, Any]:
    notify(world, _named(world, account, values), str(values.get("text", "Something new")))
    return _newest(world, account, "notification").as_json()


async def _artifact(world: World, account: Account, values: Values) -> dict[str, Any]:
    conversation = _named(world, account, values)
    title, content = str(values.get("title", "A document")), str(values.get("content", ""))
    add_artifact(world, conversation, title, content)
    return _newest(world, account, "artifact").as_json()


async def _memory(world: World, account: Account, values: Values) -> dict[str, Any]:
    learn(world, account.user_id, str(values["content"]))
    return _newest(world, account, "memory").as_json()


async def _settings(world: World, account: Account, values: Values) -> dict[str, Any]:
    account.settings.update(values)
    return dict(account.settings)


def _newest(world: World, account: Account, kind: str) -> Record:
    return world.records.of(kind, account.user_id)[0]


def _named(world: World, account: Account, values: Values) -> Conversation:
    found = world.conversations.owned(str(values.get("conversation_id")), account.user_id)
    if found is None:
        raise ValueError("conversation_id names no conversation of the account")
    return found


_PLANTERS: Mapping[str, Planter] = {
    "conversation": _conversation,
    "file": _file,
    "image": _image,
    "share_link": _share_link,
    "task_result": _task_result,
    "notification": _notification,
    "artifact": _artifact,
    "memory": _memory,
    "settings": _settings,
}
KINDS = (*DEFAULTS, *_PLANTERS)
