"""`custom_methods_v1`: calls over the chat socket that answer with data of the whole account."""

from collections.abc import Callable, Mapping
from typing import Any

from standin import mgw_frames
from standin.accounts import Account
from standin.mgw_frames import Event
from standin.world import World

Method = Callable[[World, Account, Mapping[str, Any]], Any]


def call(world: World, account: Account, event: Event) -> Event:
    """The answer to one `custom_method.call`."""
    name = str(event.get("method") or event.get("name") or "")
    method = METHODS.get(name)
    if method is None:
        return mgw_frames.error("unimplemented", f"No such method: {name}")
    result = method(world, account, event.get("params") or event.get("arguments") or {})
    echoed = {"client_event_id": event.get("event_id"), "method": name}
    return {"type": "custom_method.result", **echoed, "result": result}


def _list(world: World, account: Account, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    mine = world.conversations.listed(account.user_id)
    return {"conversations": [conversation.as_json() for conversation in mine]}


def _get(world: World, account: Account, wanted: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    wanted_id = wanted.get("conversation_id") or wanted.get("conversationId") or ""
    found = world.conversations.owned(str(wanted_id), account.user_id)
    if found is None:
        return {}
    said = [response.as_json() for response in found.responses.values()]
    return {"conversation": found.as_json(), "responses": said}


METHODS: Mapping[str, Method] = {"list_conversations": _list, "get_conversation": _get}
