"""The steps every route over records takes: find, list, change and remove one of the account's.

A record of another account is 404 code 5, as if it did not exist.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from standin.ndjson import read_json
from standin.paging import page_of
from standin.records import Record
from standin.refusals import json_answer, refuse
from standin.world import account_of, world_of

Handler = Callable[[web.Request], Awaitable[web.Response]]


def add_record(request: web.Request, kind: str, values: Mapping[str, Any]) -> Record:
    """A new record of the account that asks."""
    world = world_of(request)
    return world.records.add(kind, account_of(request).user_id, world.now(), values)


def records_of(request: web.Request, kind: str) -> list[Record]:
    """All records of this kind that the account has, newest first."""
    return world_of(request).records.of(kind, account_of(request).user_id)


def record_of(request: web.Request, kind: str, record_id: str = "") -> Record:
    """The record named in the path or by `record_id`; 404 when the account has none such."""
    wanted = record_id or request.match_info.get("id", "")
    found = world_of(request).records.get(kind, wanted, account_of(request).user_id)
    if found is None:
        raise web.HTTPNotFound
    return found


def answer_page(
    request: web.Request, key: str, records: list[Record], wanted: Mapping[str, object]
) -> web.Response:
    """One page of records under `key`."""
    page, token = page_of(records, lambda record: record.record_id, wanted)
    return json_answer({key: [record.as_json() for record in page], "nextPageToken": token})


def listing(kind: str, key: str) -> Handler:
    """A route that lists one kind, paged by its query."""

    async def answer(request: web.Request) -> web.Response:
        return answer_page(request, key, records_of(request, kind), request.query)

    return answer


def reading(kind: str) -> Handler:
    """A route that reads one record."""

    async def answer(request: web.Request) -> web.Response:
        return json_answer(record_of(request, kind).as_json())

    return answer


def changing(kind: str, defaults: Mapping[str, Any]) -> Handler:
    """A route that overwrites the fields in `defaults` that its body has."""

    async def answer(request: web.Request) -> web.Response:
        record = record_of(request, kind)
        body = await read_json(request)
        record.values.update({name: body[name] for name in defaults if name in body})
        return json_answer(record.as_json())

    return answer


def removing(kind: str) -> Handler:
    """A route that removes one record."""

    async def answer(request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        removed = world_of(request).records.remove(kind, wanted, account_of(request).user_id)
        return json_answer({}) if removed else refuse("not_found")

    return answer


def filled(defaults: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults under the fields of the body that Grok knows."""
    return {name: body.get(name, value) for name, value in defaults.items()}
