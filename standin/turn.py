"""One question and its answer: permission, pace, stopping and what the store keeps of it.

Shared by both chat transports, so that a conversation looks the same whichever carried it.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standin.accounts import Account
from standin.conversations import Conversation, Response
from standin.news import Listener
from standin.personal import Personal, notes_for
from standin.scenarios import SCRIPTS, Prompt, Step, choose
from standin.traces import leave, spread_queue
from standin.world import World

MODES = ("auto", "fast", "expert", "heavy")
_MEDIA_MODELS = {"imagine-image-edit": "image", "imagine-video-gen": "video"}


class CutError(Exception):
    """The script says that the connection ends here, without a goodbye."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a visitor asked, whichever transport brought it."""

    message: str
    mode: str
    parent_id: str = ""
    file_ids: tuple[str, ...] = ()
    scenario: str = ""
    personal: Personal = field(default_factory=Personal)

    def scripted(self, switches_scenario: str) -> tuple[str, str]:
        return choose(self.message, self.scenario or switches_scenario)


def mode_of(body: dict[str, Any]) -> str:
    """`modeId` of 2026, or the mode hidden in `modelMode` / `modelName` of 2025."""
    if body.get("modeId"):
        return str(body["modeId"])
    words = f"{body.get('modelMode', '')} {body.get('modelName', '')}".lower()
    return next((mode for mode in ("heavy", "expert", "auto") if mode in words), "fast")


def scenario_of_model(model: str) -> str:
    """Imagine's models are scenarios of their own."""
    return _MEDIA_MODELS.get(model, "")


def refusal_of(world: World, account: Account, question: Question) -> str:
    """Why this question gets no answer at all: a name of `refusals`, or ""."""
    name, _ = question.scripted(world.switches.scenario)
    if name not in SCRIPTS:
        return name
    if question.mode not in MODES:
        return "invalid"
    meter = account.meters.get(question.mode)
    if meter is None:
        return "noaccess"
    return "" if meter.take(world.now()) else "429"


@dataclass(slots=True)
class Turn:
    """The answer while it is being written."""

    world: World
    account: Account
    conversation: Conversation
    question: Question
    heard_by: Listener | None = None
    """The socket the answer goes to; the account's other sockets get news of it."""
    response_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    asked: Response = field(init=False)
    answer: str = ""
    status: str = "completed"
    reason: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    thoughts: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parent = self.question.parent_id or self.conversation.last_id()
        self.asked = Response(
            str(uuid.uuid4()), "human", self.question.message, self.world.now(), parent
        )
        files = [self._file(file_id) for file_id in self.question.file_ids]
        self.asked.extra["fileAttachments"] = list(self.question.file_ids)
        self.asked.extra["fileAttachmentsMetadata"] = [f for f in files if f]
        self._earlier = len(self.conversation.responses)
        self.conversation.add(self.asked)
        spread_queue(self.world, self.conversation, self.response_id, self.heard_by)

    _earlier: int = 0

    @property
    def scenario(self) -> str:
        return self.question.scripted(self.world.switches.scenario)[0]

    @contextmanager
    def inflight(self) -> Iterator[None]:
        """While the block runs, the answer can be stopped through the conversation."""
        mine = self.world.inflight_of.setdefault(self.conversation.conversation_id, set())
        self.world.inflight[self.response_id] = asyncio.Event()
        mine.add(self.response_id)
        try:
            yield
        finally:
            del self.world.inflight[self.response_id]
            mine.discard(self.response_id)

    async def before_headers(self) -> None:
        if self.scenario == "slowheader":
            await asyncio.sleep(self.world.switches.gap_s)

    async def steps(self) -> AsyncIterator[Step]:
        """The script, paced; ends early when stopped. CutError asks to drop the connection."""
        for step in SCRIPTS[self.scenario](self._prompt()):
            if await self._stopped_within(self._pause(step)):
                self.status, self.reason = "cancelled", "stopped"
                return
            if step.kind == "cut":
                raise CutError
            if step.kind not in {"gap", "stall"}:
                self._note(step)
                yield step

    def keep(self) -> Response:
        """Store what was said; also of a stopped answer, as Grok does."""
        steps = [
            {"text": texts, "tags": ["header", "summary"][: len(texts)], "webSearchResults": []}
            for texts in self.thoughts.values()
        ]
        kept = Response(
            self.response_id,
            "ASSISTANT",
            _whole(self.answer),
            self.world.now(),
            self.asked.response_id,
            self.question.mode,
            {"steps": steps, **self.extra},
        )
        if self.conversation.title == "New conversation":
            self.conversation.title = self.title()
        self.conversation.add(kept)
        leave(self, kept)
        return kept

    def title(self) -> str:
        _, text = self.question.scripted("")
        return " ".join(text.split())[:60] or f"About {self.scenario}"

    def _prompt(self) -> Prompt:
        names = (self._file(file_id).get("fileName", "") for file_id in self.question.file_ids)
        return Prompt(
            text=self.question.scripted(self.world.switches.scenario)[1],
            mode=self.question.mode,
            user_id=self.account.user_id,
            response_id=self.response_id,
            earlier=self._earlier,
            files=tuple(name for name in names if name),
            notes=(*self._quoted(), *self._personal_notes()),
        )

    def _personal_notes(self) -> tuple[str, ...]:
        return notes_for(self.world, self.account, self.conversation, self.question.personal)

    def _quoted(self) -> list[str]:
        """A parent in another conversation of the account is taken up all the same."""
        parent_id = self.question.parent_id
        if not parent_id or parent_id in self.conversation.responses:
            return []
        found = self.world.conversations.response(parent_id, self.account.user_id)
        return [f"Continuing: {found.message}"] if found else []

    def _file(self, file_id: str) -> dict[str, Any]:
        found = self.world.files.get(file_id, self.account.user_id)
        return found.as_metadata() if found else {}

    def _pause(self, step: Step) -> float | None:
        """Seconds before a step; None waits for somebody to stop the answer."""
        if step.kind == "stall":
            return None
        switches = self.world.switches
        return switches.gap_s if step.kind == "gap" else switches.token_delay_ms / 1000

    async def _stopped_within(self, seconds: float | None) -> bool:
        stopped = self.world.inflight[self.response_id]
        try:
            async with asyncio.timeout(seconds):
                await stopped.wait()
        except TimeoutError:
            return False
        return True

    def _note(self, step: Step) -> None:
        """Remember what REST reads show later."""
        if step.kind == "token":
            self.answer += step.text
        elif step.kind in {"header", "summary"}:
            self._note_thought(step)
        elif step.kind == "image" and step.values["progress"] == 100:
            self.extra.setdefault("generatedImageUrls", []).append(step.values["key"])
        elif step.kind == "web_results":
            self.extra["webSearchResults"] = [web_page(p) for p in step.values["pages"]]
        elif step.kind == "error":
            self.status, self.reason = "failed", step.values["reason"]
            self.extra["streamErrors"] = [{"message": step.text, step.values["key"]: {}}]

    def _note_thought(self, step: Step) -> None:
        texts = self.thoughts.setdefault(step.values.get("step", 0), [])
        if step.kind == "header" or len(texts) < 2:
            texts.append(step.text)
        else:
            texts[-1] += step.text


def _whole(text: str) -> str:
    """Halves of a UTF-16 pair that came in two tokens are one character in the store."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def web_page(page: dict[str, str]) -> dict[str, str]:
    """A search hit with the names of the REST side."""
    return {
        "url": page["url"],
        "title": page["title"],
        "preview": page["snippet"],
        "siteName": "",
        "favicon": "",
        "citationId": page["citation_id"],
    }
