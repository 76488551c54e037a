"""REST routes over the conversation store: lists, trees, bodies, titles, deletion.

Another account's conversation is 404 code 5, as if it did not exist.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from standin.conversation_list import list_conversations
from standin.conversations import Conversation
from standin.ndjson import owned_conversation, post_new, post_responses, read_json
from standin.refusals import json_answer, refuse
from standin.traces import spread_title
from standin.world import account_of, world_of

BASE = "/rest/app-chat/conversations"
Answer = Callable[[web.Request, Conversation], Awaitable[web.StreamResponse]]


def owned(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Give the handler the conversation of the path, or answer 404."""

    async def checked(request: web.Request) -> web.StreamResponse:
        conversation = owned_conversation(request)
        return await answer(request, conversation) if conversation else refuse("not_found")

    return checked


async def many(request: web.Request) -> web.Response:
    """Several by id; foreign ones are left out."""
    store, account = world_of(request).conversations, account_of(request)
    ids = request.query.getall("conversationIds", [])
    found = [store.owned(conversation_id, account.user_id) for conversation_id in ids]
    return json_answer({"conversations": [item.as_json() for item in found if item]})


async def create(request: web.Request) -> web.Response:
    """An empty conversation."""
    body, world = await read_json(request), world_of(request)
    user_id, temporary = account_of(request).user_id, bool(body.get("temporary"))
    conversation = world.conversations.create(user_id, world.now(), temporary=temporary)
    conversation.workspaces = world.records.chosen("workspace", body.get("workspaceIds"), user_id)
    return json_answer(conversation.as_json())


async def read_v2(request: web.Request, conversation: Conversation) -> web.Response:
    """One conversation, without its messages; projects and task run only when asked for."""
    found, query = conversation.as_json(), request.query
    if query.get("includeWorkspaces") == "false":
        found["workspaces"] = []
    if query.get("includeTaskResult") == "false":
        found["taskResult"] = {}
    return json_answer({"conversation": found})


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
    """Bodies of the wanted messages, even when another conversation of the account has them."""
    wanted = (await read_json(request)).get("responseIds") or []
    store = world_of(request).conversations
    found = [store.response(str(rid), conversation.user_id) for rid in wanted]
    return json_answer({"responses": [response.as_json() for response in found if response]})


async def reconnect(request: web.Request) -> web.Response:
    """Take up an answer again by its id alone."""
    wanted = request.query.get("responseId") or (await read_json(request)).get("responseId")
    store, account = world_of(request).conversations, account_of(request)
    found = store.response(str(wanted), account.user_id)
    if found is None:
        return refuse("not_found")
    return json_answer({"result": {"response": {"modelResponse": found.as_json()}}})


async def all_responses(request: web.Request, conversation: Conversation) -> web.Response:
    """All bodies at once."""
    responses = [response.as_json() for response in conversation.responses.values()]
    return json_answer({"responses": responses, "inflightResponses": []})


async def update(request: web.Request, conversation: Conversation) -> web.Response:
    """Rename or star."""
    body = await read_json(request)
    conversation.title = str(body.get("title", conversation.title))
    conversation.starred = bool(body.get("starred", conversation.starred))
    spread_title(world_of(request), conversation)
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


async def hard_delete_all(request: web.Request) -> web.Response:
    """Remove everything the account ever said, the trash and temporary ones included."""
    world = world_of(request)
    for conversation in world.conversations.dump(account_of(request).user_id):
        world.conversations.forget(conversation["conversationId"])
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


ROUTES = (
    web.post(f"{BASE}/new", post_new),
    web.get(BASE, list_conversations),
    web.post(BASE, create),
    web.delete(BASE, hard_delete_all),
    web.delete(f"{BASE}/", hard_delete_all),
    web.get("/rest/app-chat/conversations-many", many),
    web.get("/rest/app-chat/conversations_v2/{id}", owned(read_v2)),
    web.get(f"{BASE}/deleted", deleted),
    web.get(f"{BASE}/reconnect-response", reconnect),
    web.post(f"{BASE}/reconnect-response", reconnect),
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
)
