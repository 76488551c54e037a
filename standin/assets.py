"""The files of an account by REST: all of them, or those of one conversation."""

import base64

from aiohttp import web

from standin.conversations import Conversation
from standin.files import StoredFile, png
from standin.paging import page_of
from standin.refusals import json_answer, refuse
from standin.world import account_of, world_of

_SHOWN = 65_536


async def list_assets(request: web.Request) -> web.Response:
    """Uploads and generated pictures, newest first, paged."""
    mine = world_of(request).files.of(account_of(request).user_id)
    if request.query.get("includeImagineFiles") == "false":
        mine = [item for item in mine if not item.generated]
    page, token = page_of(mine, lambda item: item.file_id, request.query)
    return json_answer({"assets": [item.as_asset() for item in page], "nextPageToken": token})


async def read_asset(request: web.Request) -> web.Response:
    """One file's description."""
    found = world_of(request).files.get(request.match_info["id"], account_of(request).user_id)
    return json_answer(found.as_asset()) if found else refuse("not_found")


async def delete_asset(request: web.Request) -> web.Response:
    """Remove a file."""
    removed = world_of(request).files.remove(request.match_info["id"], account_of(request).user_id)
    return json_answer({}) if removed else refuse("not_found")


async def list_files(request: web.Request) -> web.Response:
    """Files of the conversation that the query names."""
    conversation = _conversation(request)
    if conversation is None:
        return refuse("not_found")
    files = [
        {
            "path": item.name,
            "name": item.name,
            "mimeType": item.media_type,
            "size": item.size,
            "assetId": item.file_id,
        }
        for item in _files_of(request, conversation)
    ]
    return json_answer({"files": files})


async def file_content(request: web.Request) -> web.Response:
    """One file of that conversation, by its path."""
    conversation, path = _conversation(request), request.query.get("path", "")
    found = _files_of(request, conversation) if conversation else []
    item = next((item for item in found if item.name == path), None)
    if item is None:
        return refuse("not_found")
    body = item.path.read_bytes() if item.path.exists() else png(f"/{item.key}")
    data = base64.b64encode(body[:_SHOWN]).decode()
    url = f"https://assets.grok.com/{item.key}"
    return json_answer(
        {
            "dataUrl": f"data:{item.media_type};base64,{data}",
            "mimeType": item.media_type,
            "size": item.size,
            "isTruncated": len(body) > _SHOWN,
            "signedUrl": f"{url}?cache=1",
            "downloadSignedUrl": f"{url}?cache=1&dl=1",
        }
    )


def _conversation(request: web.Request) -> Conversation | None:
    wanted = request.query.get("conversationId", "")
    return world_of(request).conversations.owned(wanted, account_of(request).user_id)


def _files_of(request: web.Request, conversation: Conversation) -> list[StoredFile]:
    mine = world_of(request).files.of(conversation.user_id)
    return [item for item in mine if item.conversation_id == conversation.conversation_id]


_FILES = "/rest/conversations/files"
ROUTES = (
    web.get("/rest/assets", list_assets),
    web.get("/rest/assets/{id}", read_asset),
    web.delete("/rest/assets/{id}", delete_asset),
    web.delete("/rest/assets-metadata/{id}", delete_asset),
    web.get(f"{_FILES}/list", list_files),
    web.get(f"{_FILES}/content", file_content),
)
