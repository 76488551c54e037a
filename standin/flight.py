"""What the web app's HTML knows before any script runs: flight rows and the rendered sidebar.

Both carry the whole account: e-mail, settings, every conversation. Written as Next.js does:
rows under hexadecimal numbers, long texts as T rows counted in bytes, pushes cut anywhere.
"""

import html
import json
from collections.abc import Iterator
from typing import Any

from standin.account_rest import settings_of
from standin.accounts import Account
from standin.conversations import Conversation
from standin.world import World


def rows_of(world: World, account: Account | None, current: Conversation | None) -> str:
    """All rows of the account in one text; the T row in the middle has no line end."""
    if account is None:
        return ""
    shell = _json(["$", "$L6", None, {**_account(world, account), "digest": "$7"}])
    digest = _digest(world, account)
    rows = f"5:{shell}\n7:T{len(digest.encode()):x},{digest}"
    name = current.title if current else "Grok"
    rows += f"8:{_json([['$', 'title', '0', {'children': name}]])}\n"
    if current:
        said = [response.as_json() for response in current.responses.values()]
        rows += f"a:{_json({'conversation': current.as_json(), 'responses': said})}\n"
    return rows


def pushes(rows: str, first_id: str) -> Iterator[str]:
    """Two calls; the cut goes through the first conversation's id, so through a row."""
    cut = rows.find(first_id) + len(first_id) // 2 if first_id else len(rows) // 2
    for piece in (rows[:cut], rows[cut:]):
        if piece:
            yield f"self.__next_f.push([1,{_script_string(piece)}]);"


def sidebar(world: World, account: Account | None) -> str:
    """Links to all conversations, rendered on the server."""
    mine = world.conversations.listed(account.user_id) if account else []
    return "".join(
        f'<a href="/c/{item.conversation_id}">{html.escape(item.title)}</a>' for item in mine
    )


def picture_row(user_id: str) -> str:
    """One push with absolute URLs in the three spellings seen in flight data."""
    picture = f"https:\\/\\/assets.grok.com\\/users\\/{user_id}\\/profile\\/content"
    row = (
        f'3:["$","img",null,{{"src":"{picture}","home":"https://grok.com/",'
        '"ws":"wss:\\u002F\\u002Fgrok.com\\u002Fws\\u002Fmgw\\u002F"}]\\n'
    ).replace('"', '\\"')
    return f'self.__next_f.push([1,"{row}"]);'.replace("</", "<\\/")


def shared_row(shared: dict[str, Any]) -> str:
    """One push with a shared conversation."""
    return f"self.__next_f.push([1,{_script_string(_json(shared))}]);"


def _account(world: World, account: Account) -> dict[str, Any]:
    mine = world.conversations.listed(account.user_id)
    workspaces = world.records.of("workspace", account.user_id)
    return {
        "user": {"userId": account.user_id, "email": account.email},
        "settings": settings_of(account),
        "conversations": [item.as_json() for item in mine],
        "workspaces": [item.as_json() for item in workspaces],
    }


def _digest(world: World, account: Account) -> str:
    """A long text of several lines, some of which look like rows."""
    titles = [f"{n:x}:{c.title}" for n, c in enumerate(world.conversations.listed(account.user_id))]
    facts = [str(r.values["content"]) for r in world.records.of("memory", account.user_id)]
    return "\n".join((f"Conversations of {account.email}", *titles, *facts))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _script_string(text: str) -> str:
    """A JavaScript string that cannot end the script it stands in."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\u003c")
