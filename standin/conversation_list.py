"""The list of an account's conversations: filters, search, order and pages."""

from typing import Any

from aiohttp import web

from standin.conversations import Conversation
from standin.paging import page_of
from standin.refusals import json_answer
from standin.world import account_of, world_of

_AROUND = 40


async def list_conversations(request: web.Request) -> web.Response:
    """`textSearchMatches` is parallel to `conversations` and has no ids of its own."""
    world, query = world_of(request), request.query
    world.conversations.expire(world.now(), world.switches.temporary_ttl_s)
    mine = world.conversations.listed(account_of(request).user_id)
    if query.get("orderBy") == "ORDER_BY_CREATE_TIME":
        mine.sort(key=lambda item: item.created, reverse=True)
    wanted = query.get("searchQuery", "")
    found = [item for item in mine if _passes(item, request) and _match(item, wanted)]
    page, token = page_of(found, lambda item: item.conversation_id, query)
    matches = [_match(item, wanted) for item in page] if wanted else []
    shown = [item.as_json() for item in page]
    return json_answer(
        {"conversations": shown, "nextPageToken": token, "textSearchMatches": matches}
    )


def _passes(item: Conversation, request: web.Request) -> bool:
    query = request.query
    workspace_id = query.get("workspaceId", "")
    inside = [workspace.record_id for workspace in item.workspaces]
    if workspace_id and workspace_id not in inside:
        return False
    if query.get("excludeProjects") == "true" and inside:
        return False
    return item.starred or query.get("filterIsStarred") != "true"


def _match(item: Conversation, wanted: str) -> dict[str, Any]:
    """Where the words were found: in the title or in what was said; empty when nowhere."""
    texts = [("title", item.title), *(("message", r.message) for r in item.responses.values())]
    for field, text in texts:
        at = text.lower().find(wanted.lower())
        if at >= 0:
            start = max(0, at - _AROUND)
            snippet = text[start : at + len(wanted) + _AROUND]
            return {"field": field, "snippet": snippet, "offset": at - start}
    return {}
