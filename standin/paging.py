"""Pages of a list: the cursor is the id of the last item, so a cursor gives away an id.

An account's list holds what all of its users made; the real site's cursors are ids too.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from standin.refusals import REFUSALS

DEFAULT_SIZE = 60


def page_of[Item](
    items: Sequence[Item],
    id_of: Callable[[Item], str],
    wanted: Mapping[str, object],
    default_size: int = DEFAULT_SIZE,
) -> tuple[list[Item], str]:
    """The page that `pageSize` and `pageToken` ask for, and the next token or ""."""
    start = _after(str(wanted.get("pageToken") or ""), [id_of(item) for item in items])
    size = str(wanted.get("pageSize") or "")
    end = start + (int(size) if size.isdecimal() and int(size) else default_size)
    page = list(items[start:end])
    return page, id_of(page[-1]) if end < len(items) else ""


def _after(token: str, ids: list[str]) -> int:
    if not token:
        return 0
    if token not in ids:
        invalid = json.dumps(REFUSALS["invalid"].body())
        raise web.HTTPBadRequest(text=invalid, content_type="application/json")
    return ids.index(token) + 1
