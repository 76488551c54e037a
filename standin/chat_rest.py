"""REST routes over the conversation store: lists, trees, bodies, titles, sharing, deletion.

Another account's conversation is 404 code 5, as if it did not exist.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from standin.conversations import Conversation
from standin.ndjson import owned_conversation, post_new, post_responses, read_json
from standin.refusals import json_answer, refuse
from standin.world import account_of, world_of

BASE = "/rest/app-chat/conversations"
Answer = Callable[[web.Request, Conversation], Awaitable[web.StreamResponse]]


def owned(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Give the handler the conversation of the path, or answer 404."""

    async def checked(request: web.Request) -> web.StreamResponse:
        conversation = owned_conversation(request)
        return await answer(request, conversation) if conversation else refuse("not_found")

    return checked


async def list_conversations(request: web.Request) -> web.Response:
    """Pages of the account's conversations; the token is the offset."""
    world = world_of(request)
    world.conversations.expire(world.now(), world.switches.temporary_ttl_s)
    mine = world.conversations.listed(account_of(request).user_id)
    query = request.query.get("searchQuery", "").lower()
    if query:
        mine = [item for item in mine if query in item.title.lower()]
    if request.query.get("filterIsStarred") == "true":
        mine = [item for item in mine if item.starred]
    size, start = _number(request, "pageSize", 60), _number(request, "pageToken", 0)
    more = str(start + size) if start + size < len(mine) else ""
    page = [item.as_json() for item in mine[start : start + size]]
    return json_answer({"conversations": page, "nextPageToken": more, "textSearchMatches": []})


async def many(request: web.Request) -> web.Response:
    """Several by id; foreign ones are left out."""
    store, account = world_of(request).conversations, account_of(request)
    ids = request.query.getall("conversationIds", [])
    found = [store.owned(conversation_id, account.user_id) for conversation_id in ids]
    return json_answer({"conversations": [item.as_json() for item in found if item]})


async def create(request: web.Request) -> web.Response:
    """An empty conversation."""
    body, world = await read_json(request), world_of(request)
    conversation = world.conversations.create(
        account_of(request).user_id, world.now(), temporary=bool(body.get("temporary"))
    )
    return json_answer(conversation.as_json())


async def read_v2(request: web.Request, conversation: Conversation) -> web.Response:
    """One conversation, without its messages."""
    return json_answer({"conversation": conversation.as_json()})


async def exists(request: web.Request) -> web.Response:
    """Whether the account may see it."""
    return json_answer({"exists": owned_conversation(request) is not None})


async def response_node(request: web.Request, conversation: Conversation) -> web.Response:
    """The tree of messages and the answers being written."""
    nodes = [response.as_node() for response in conversation.responses.values()]
    running = world_of(request).inflight_of.get(conversation.conversation_id, ())
    inflight = [{"responseId": rid, "status": "RESPONSE_STATUS_ACTIVE"} for rid in running]
    return json_answer({"responseNodes": nodes, "inflightResponses": inflight})


async def load_responses(request: web.Request, conversation: Conversation) -> web.Response:
    """Bodies of the wanted messages."""
    wanted = (await read_json(request)).get("responseIds") or []
    found = [conversation.responses[rid] for rid in wanted if rid in conversation.responses]
    return json_answer({"responses": [response.as_json() for response in found]})


async def all_responses(request: web.Request, conversation: Conversation) -> web.Response:
    """All bodies at once."""
    responses = [response.as_json() for response in conversation.responses.values()]
    return json_answer({"responses": responses, "inflightResponses": []})


async def update(request: web.Request, conversation: Conversation) -> web.Response:
    """Rename or star."""
    body = await read_json(request)
    conversation.title = str(body.get("title", conversation.title))
    conversation.starred = bool(body.get("starred", conversation.starred))
    return json_answer(conversation.as_json())


async def make_title(request: web.Request, conversation: Conversation) -> web.Response:
    """The automatic title."""
    return json_answer({"newTitle": conversation.title})


async def soft_delete(request: web.Request, conversation: Conversation) -> web.Response:
    """Move to the trash."""
    conversation.deleted = True
    return json_answer({})


async def soft_delete_all(request: web.Request) -> web.Response:
    """Move everything to the trash."""
    for conversation in world_of(request).conversations.listed(account_of(request).user_id):
        conversation.deleted = True
    return json_answer({})


async def hard_delete(request: web.Request, conversation: Conversation) -> web.Response:
    """Remove for good."""
    world_of(request).conversations.forget(conversation.conversation_id)
    return json_answer({})


async def deleted(request: web.Request) -> web.Response:
    """The trash."""
    mine = world_of(request).conversations.listed(account_of(request).user_id, deleted=True)
    return json_answer({"conversations": [item.as_json() for item in mine]})


async def restore(request: web.Request) -> web.Response:
    """Take out of the trash."""
    wanted = (await read_json(request)).get("conversationId")
    mine = world_of(request).conversations.listed(account_of(request).user_id, deleted=True)
    for conversation in mine:
        if conversation.conversation_id == wanted:
            conversation.deleted = False
            return json_answer(conversation.as_json())
    return refuse("not_found")


async def stop_all(request: web.Request, conversation: Conversation) -> web.Response:
    """Stop every running answer of the conversation."""
    world_of(request).stop_answers(conversation.conversation_id)
    return json_answer({})


async def stop_one(request: web.Request) -> web.Response:
    """Stop one answer."""
    stopped = world_of(request).inflight.get(request.match_info["response_id"])
    if stopped:
        stopped.set()
    return json_answer({})


async def share(request: web.Request, conversation: Conversation) -> web.Response:
    """A public link up to one message."""
    leaf = (await read_json(request)).get("responseId") or conversation.last_id()
    store = world_of(request).conversations
    return json_answer({"shareLinkId": store.share(conversation.conversation_id, str(leaf))})


async def list_share_links(request: web.Request) -> web.Response:
    """The account's links."""
    links = [
        _share_link(request, link_id) for link_id in world_of(request).conversations.share_links
    ]
    return json_answer({"shareLinks": [link for link in links if link], "nextPageToken": ""})


async def read_share_link(request: web.Request) -> web.Response:
    """One link."""
    link = _share_link(request, request.match_info["link_id"])
    return json_answer(link) if link else refuse("not_found")


async def delete_share_link(request: web.Request) -> web.Response:
    """Withdraw a link."""
    link_id = request.match_info["link_id"]
    if _share_link(request, link_id) is None:
        return refuse("not_found")
    del world_of(request).conversations.share_links[link_id]
    return json_answer({})


def _share_link(request: web.Request, link_id: str) -> dict[str, Any] | None:
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


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else default


ROUTES = (
    web.post(f"{BASE}/new", post_new),
    web.get(BASE, list_conversations),
    web.post(BASE, create),
    web.get("/rest/app-chat/conversations-many", many),
    web.get("/rest/app-chat/conversations_v2/{id}", owned(read_v2)),
    web.get(f"{BASE}/deleted", deleted),
    web.post(f"{BASE}/restore", restore),
    web.get(f"{BASE}/exists/{{id}}", exists),
    web.delete(f"{BASE}/soft", soft_delete_all),
    web.delete(f"{BASE}/soft/{{id}}", owned(soft_delete)),
    web.delete(f"{BASE}/inflight-response/{{response_id}}", stop_one),
    web.get(f"{BASE}/{{id}}", owned(read_v2)),
    web.put(f"{BASE}/{{id}}", owned(update)),
    web.delete(f"{BASE}/{{id}}", owned(hard_delete)),
    web.post(f"{BASE}/{{id}}/responses", post_responses),
    web.get(f"{BASE}/{{id}}/responses", owned(all_responses)),
    web.get(f"{BASE}/{{id}}/response-node", owned(response_node)),
    web.post(f"{BASE}/{{id}}/load-responses", owned(load_responses)),
    web.post(f"{BASE}/{{id}}/title", owned(make_title)),
    web.post(f"{BASE}/{{id}}/stop-inflight-responses", owned(stop_all)),
    web.post(f"{BASE}/{{id}}/share", owned(share)),
    web.get("/rest/app-chat/share_links", list_share_links),
    web.get("/rest/app-chat/share_links/{link_id}", read_share_link),
    web.delete("/rest/app-chat/share_links/{link_id}", delete_share_link),
)
