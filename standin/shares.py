"""Share links and artifacts: what was said in conversations, by ids that are not theirs."""

from typing import Any

from aiohttp import web

from standin.chat_rest import BASE, owned
from standin.conversations import Conversation
from standin.ndjson import read_json
from standin.owned_records import answer_page, record_of, records_of
from standin.paging import page_of
from standin.refusals import json_answer, refuse
from standin.traces import notify, spread_title
from standin.world import account_of, world_of

LINKS = "/rest/app-chat/share_links"


async def share(request: web.Request, conversation: Conversation) -> web.Response:
    """A public link up to one message."""
    leaf = (await read_json(request)).get("responseId") or conversation.last_id()
    store = world_of(request).conversations
    return json_answer({"shareLinkId": store.share(conversation.conversation_id, str(leaf))})


async def list_links(request: web.Request) -> web.Response:
    """The account's links, of one conversation when the query names it; paged."""
    wanted = request.query.get("conversationId", "")
    links = [_link(request, link_id) for link_id in world_of(request).conversations.share_links]
    mine = [link for link in links if link and wanted in {"", link["conversationId"]}]
    page, token = page_of(mine, lambda link: str(link["shareLinkId"]), request.query)
    return json_answer({"shareLinks": page, "nextPageToken": token})


async def read_link(request: web.Request) -> web.Response:
    """One link of the account."""
    link = _link(request, request.match_info["link_id"])
    return json_answer(link) if link else refuse("not_found")


async def delete_link(request: web.Request) -> web.Response:
    """Withdraw a link."""
    link_id = request.match_info["link_id"]
    if _link(request, link_id) is None:
        return refuse("not_found")
    del world_of(request).conversations.share_links[link_id]
    return json_answer({})


async def clone(request: web.Request) -> web.Response:
    """A copy of a shared conversation for the account that asks; its owner is told."""
    original = _shared(request)
    if original is None:
        return refuse("not_found")
    world = world_of(request)
    copy = world.conversations.create(account_of(request).user_id, world.now())
    copy.title = original.title
    for response in original.responses.values():
        copy.add(response.copied())
    notify(world, original, f"“{original.title}” was copied")
    spread_title(world, copy)
    return json_answer({"conversation": copy.as_json(), "responses": _said(copy)})


async def link_data(request: web.Request) -> web.Response:
    """The shared conversation itself; a link is public, so any account may read it."""
    found = _shared(request)
    if found is None:
        return refuse("not_found")
    return json_answer({"conversation": found.as_json(), "responses": _said(found)})


async def list_artifacts(request: web.Request) -> web.Response:
    """Documents written in the account's conversations."""
    wanted = request.query.get("conversationId", "")
    mine = [
        record
        for record in records_of(request, "artifact")
        if wanted in {"", record.values["conversationId"]}
    ]
    return answer_page(request, "artifacts", mine, request.query)


async def read_artifact(request: web.Request) -> web.Response:
    """The text of one version."""
    wanted = request.match_info["version_id"]
    for record in records_of(request, "artifact"):
        if record.values["versionId"] == wanted:
            return json_answer({"versionId": wanted, "content": record.values["content"]})
    return refuse("not_found")


async def share_artifact(request: web.Request) -> web.Response:
    """A link to the conversation a document was written in."""
    wanted = str((await read_json(request)).get("artifactId") or "")
    artifact, store = record_of(request, "artifact", wanted), world_of(request).conversations
    link_id = store.share(artifact.values["conversationId"], "")
    return json_answer({"shareLinkId": link_id})


def _link(request: web.Request, link_id: str) -> dict[str, Any] | None:
    store = world_of(request).conversations
    conversation_id, response_id = store.share_links.get(link_id, ("", ""))
    conversation = store.owned(conversation_id, account_of(request).user_id)
    if conversation is None:
        return None
    return {
        "shareLinkId": link_id,
        "conversationId": conversation_id,
        "responseId": response_id,
        "title": conversation.title,
    }


def _shared(request: web.Request) -> Conversation | None:
    store = world_of(request).conversations
    conversation_id, _ = store.share_links.get(request.match_info["link_id"], ("", ""))
    return store.any(conversation_id)


def _said(conversation: Conversation) -> list[dict[str, Any]]:
    return [response.as_json() for response in conversation.responses.values()]


ROUTES = (
    web.post(f"{BASE}/{{id}}/share", owned(share)),
    web.get(LINKS, list_links),
    web.get(f"{LINKS}/{{link_id}}", read_link),
    web.delete(f"{LINKS}/{{link_id}}", delete_link),
    web.post(f"{LINKS}/{{link_id}}/clone", clone),
    web.get("/rest/app-chat/share_links_data/{link_id}", link_data),
    web.get("/rest/app-chat/artifacts_metadata", list_artifacts),
    web.get("/rest/app-chat/artifact_content/{version_id}", read_artifact),
    web.post("/rest/app-chat/share_artifact", share_artifact),
)
