"""Several people on one account of the stand-in, each with one object of every kind."""

import asyncio
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yarl

import db
from addons.config_file import read_config
from core.ids import KINDS
from core.user import caller_name
from tests.running_mirror import ROOT, Person, RunningMirror

CONFIG = read_config(Path(ROOT / "mitm_config.yaml"))
TAG = "x-xai-request-id"
"""Reaches Grok unchanged, so it says which attempts got there."""
AT_ONCE = 12


def planted(standin, account: str, name: str) -> dict[str, str]:
    """One object of each kind, as `name` might have made them; nobody owns them yet."""
    plant = standin.control.plant
    talk = plant(account, "conversation", title=f"{name}'s talk", messages=[f"{name} asks", "Yes"])
    conversation = talk["conversationId"]
    return {
        "conversation": conversation,
        "response": talk["responseIds"][0],
        "file": plant(account, "file", file_name=f"{name}.txt", text=f"{name}'s words")["assetId"],
        "workspace": plant(account, "workspace", name=f"{name}'s project")["workspaceId"],
        "share": plant(account, "share_link", conversation_id=conversation)["shareLinkId"],
        "task": plant(account, "task", name=f"{name}'s task")["taskId"],
        "post": plant(account, "post")["id"],
    }


def own(account_id: int, user_id: int, ids: dict[str, str]) -> dict[str, str]:
    """Written down as his, as if the mirror had told them to him."""
    db.record_ownership(
        db.Owned(account_id, kind, object_id, caller_name(user_id))
        for kind, object_id in ids.items()
    )
    return ids


def unknown() -> dict[str, str]:
    return {kind: str(uuid.uuid4()) for kind in KINDS}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str] = field(compare=False)
    body: bytes = b""

    @property
    def told(self) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
        """All that a client could tell two answers apart by."""
        fixed = {k: v for k, v in self.headers.items() if k not in ("date", "x-request-id")}
        return self.status, self.body, tuple(sorted(fixed.items()))


async def ask_all(mirror: RunningMirror, person: Person, tried) -> list[Answer]:
    """Every (method, target, body, content type, tag) by a few kept-alive connections, in order."""
    gate = asyncio.Semaphore(AT_ONCE)
    always = {
        "cookie": f"mirror_session={person.cookie}",
        "origin": mirror.url,
        "x-statsig-id": "toy-signature",
        "accept": "*/*",
    }
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as http:

        async def ask(method, target, body, content_type, tag) -> Answer:
            headers = {**always, TAG: tag}
            if content_type:
                headers["content-type"] = content_type
            url = yarl.URL(mirror.url + target, encoded=True)
            async with (
                gate,
                http.request(
                    method, url, data=body or None, headers=headers, allow_redirects=False
                ) as answer,
            ):
                told = {k.lower(): v for k, v in answer.headers.items()}
                return Answer(answer.status, told, await answer.read())

        return await asyncio.gather(*(ask(*one) for one in tried))


def arrived(standin) -> set[str]:
    """Tags of the attempts that reached Grok."""
    return {tag for request in standin.control.requests() if (tag := request.header(TAG))}
