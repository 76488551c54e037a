"""What shapes answers: memory, system prompts, skills; suggestions made of titles."""

from typing import Any

from aiohttp import web

from standin.ndjson import read_json
from standin.owned_records import (
    add_record,
    answer_page,
    changing,
    filled,
    listing,
    reading,
    record_of,
    records_of,
    removing,
)
from standin.refusals import json_answer
from standin.world import account_of, world_of

PROMPT: dict[str, Any] = {"name": "", "prompt": "", "description": ""}
SKILL: dict[str, Any] = {"name": "", "description": "", "instructions": "", "isShared": False}


async def remember(request: web.Request) -> web.Response:
    """A fact for the whole account; clients named the field differently."""
    body = await read_json(request)
    fact = body.get("content") or body.get("memory") or body.get("text") or ""
    return json_answer(add_record(request, "memory", {"content": str(fact)}).as_json())


async def forget(request: web.Request) -> web.Response:
    """One fact when an id is named in query or body, else everything the account knows."""
    wanted = request.query.get("memoryId") or (await read_json(request)).get("memoryId")
    found = [record_of(request, "memory", str(wanted))] if wanted else records_of(request, "memory")
    for record in found:
        world_of(request).records.remove("memory", record.record_id, record.user_id)
    return json_answer({})


async def list_prompts(request: web.Request) -> web.Response:
    """Paged by the body."""
    body = await read_json(request)
    return answer_page(request, "prompts", records_of(request, "system_prompt"), body)


async def create_prompt(request: web.Request) -> web.Response:
    """A system prompt that chats can name."""
    values = filled(PROMPT, await read_json(request))
    return json_answer(add_record(request, "system_prompt", values).as_json())


async def create_skill(request: web.Request) -> web.Response:
    """A skill of the account."""
    values = filled(SKILL, await read_json(request))
    return json_answer(add_record(request, "skill", values).as_json())


async def shared_skills(request: web.Request) -> web.Response:
    """Skills that were shared."""
    shared = [r.as_json() for r in records_of(request, "skill") if r.values["isShared"]]
    return json_answer({"skills": shared})


async def suggestions(request: web.Request) -> web.Response:
    """Made from the titles of the last conversations: text alone, no ids to filter by."""
    mine = world_of(request).conversations.listed(account_of(request).user_id)
    labels = [{"label": f"More about {item.title}", "query": item.title} for item in mine[:6]]
    return json_answer({"suggestions": labels})


_MEMORY = "/rest/app-chat/memory"
_PROMPTS = "/rest/system-prompt"
_SKILLS = "/rest/user-skills"
ROUTES = (
    web.get(_MEMORY, listing("memory", "memories")),
    web.post(_MEMORY, remember),
    web.delete(_MEMORY, forget),
    web.delete(f"{_MEMORY}/{{id}}", removing("memory")),
    web.post(f"{_PROMPTS}/list", list_prompts),
    web.post(f"{_PROMPTS}/create", create_prompt),
    web.get(f"{_PROMPTS}/{{id}}", reading("system_prompt")),
    web.put(f"{_PROMPTS}/{{id}}", changing("system_prompt", PROMPT)),
    web.delete(f"{_PROMPTS}/{{id}}", removing("system_prompt")),
    web.get(_SKILLS, listing("skill", "skills")),
    web.post(_SKILLS, create_skill),
    web.get(f"{_SKILLS}/shared", shared_skills),
    web.get(f"{_SKILLS}/{{id}}", reading("skill")),
    web.put(f"{_SKILLS}/{{id}}", changing("skill", SKILL)),
    web.delete(f"{_SKILLS}/{{id}}", removing("skill")),
    web.get("/rest/suggestions/profile", suggestions),
    web.post("/rest/suggestions/stream", suggestions),
)
