"""Chat over the WebSocket /ws/mgw/: sessions, turns, pings and the oddities of its framing.

One socket may carry several conversations; answers run beside the reading of frames.
"""

import asyncio
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from standin import mgw_frames, mgw_methods
from standin.accounts import Account
from standin.conversations import Conversation
from standin.echo import ECHO
from standin.fragments import send_in_two_frames
from standin.ledger import Stream
from standin.mgw_frames import Event
from standin.mgw_reading import objects_in, question_of
from standin.news import News
from standin.personal import Personal
from standin.refusals import refuse
from standin.turn import CutError, Question, Turn, refusal_of
from standin.world import World, account_of, world_of

_MAX_MESSAGE = 16 * 2**20
_FATAL = frozenset({"expired", "cf"})


async def get_mgw(request: web.Request) -> web.StreamResponse:
    """Handshake: cookie, Origin (gates) and `uid` of the cookie's user."""
    world, account = world_of(request), account_of(request)
    refusal = world.switches.websocket_refusal
    if refusal:
        return refuse(refusal, retry_after=world.switches.retry_after)
    if request.query.get("uid") != account.user_id:
        return refuse("antibot")
    socket = web.WebSocketResponse(max_msg_size=_MAX_MESSAGE)
    await socket.prepare(request)
    with world.streams.stream("mgw", request.path, account.name) as stream:
        await _Gateway(world, account, socket, request, stream).run()
    return socket


@dataclass(slots=True)
class _Session:
    """One conversation on the socket, with the options its page asked for."""

    conversation: Conversation
    mode: str
    use_chunk: bool
    personal: Personal
    pending: Question | None = None


@dataclass(slots=True)
class _Gateway:
    """One open socket."""

    world: World
    account: Account
    socket: web.WebSocketResponse
    request: web.Request
    stream: Stream
    sessions: dict[str, _Session] = field(default_factory=dict)
    answers: set[asyncio.Task[None]] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _count: int = 0

    async def run(self) -> None:
        try:
            with self.world.news.listening("mgw", self.account.user_id, self.hear):
                async for message in self.socket:
                    if message.type is WSMsgType.TEXT:
                        await self._read(message.data)
        finally:
            for task in self.answers:
                task.cancel()
            if self.answers:
                await asyncio.wait(self.answers)
        if self.stream.ended == "open" and self.socket.close_code in {None, 1006}:
            self.stream.ended = "client gone"

    async def hear(self, news: News) -> None:
        """What another session of the account did, unasked for."""
        await self._send(news.events, news.session_id)

    async def _read(self, text: str) -> None:
        try:
            for frame in objects_in(text):
                await self._dispatch(frame)
        except ValueError:
            await self._send([mgw_frames.error("invalid_json", "Frame is not JSON.")])

    async def _dispatch(self, frame: dict[str, Any]) -> None:
        event = frame.get("event") or {}
        session_id = str(frame.get("session_id") or "")
        match event.get("type"):
            case "session.create":
                await self._create_session(session_id, event)
            case "conversation.item.create":
                await self._take_question(session_id, event)
            case "response.create":
                await self._start_answer(session_id)
            case "response.cancel":
                self._stop(session_id)
            case "custom_method.call":
                await self._send([mgw_methods.call(self.world, self.account, event)], session_id)
            case "ping":
                await self._send([{"type": "pong", "client_event_id": event.get("event_id")}])
            case _:
                pass

    def _stop(self, session_id: str) -> None:
        """Any conversation of the account will do, whoever's socket it was opened on."""
        if self.world.conversations.owned(session_id, self.account.user_id):
            self.world.stop_answers(session_id)

    async def _create_session(self, session_id: str, event: Event) -> None:
        options = event.get("session") or {}
        extras = options.get("x_grok") or {}
        wanted = str(extras.get("conversation_id") or session_id)
        conversation = self._conversation(wanted, extras)
        if conversation is None:
            await self._send([mgw_frames.error("not_found", "Conversation not found")])
            return
        session = _Session(
            conversation,
            str(options.get("model") or "fast"),
            use_chunk=bool(extras.get("use_chunk", True)),
            personal=Personal.of_session(extras),
        )
        self.sessions[conversation.conversation_id] = session
        created = {"client_event_id": event.get("event_id"), "session": options}
        attached = {
            "conversation": {
                "id": conversation.conversation_id,
                "object": "realtime.conversation",
            },
            "mode": "existing" if wanted else "new",
        }
        events: list[Event] = [
            {"type": "session.created", **created},
            {"type": "conversation.attached", **attached},
            {"type": "conversation.queue.updated", "queue": []},
        ]
        if ECHO in self.request:
            events.append({"type": "echo", **self.request[ECHO].spellings()})
        if wanted and extras.get("needs_history"):
            events += mgw_frames.history(conversation)
        await self._send(events, conversation.conversation_id)

    def _conversation(self, wanted: str, extras: Mapping[str, Any]) -> Conversation | None:
        store, now = self.world.conversations, self.world.now()
        store.expire(now, self.world.switches.temporary_ttl_s)
        user_id = self.account.user_id
        if wanted:
            return store.owned(wanted, user_id)
        made = store.create(user_id, now, temporary=bool(extras.get("is_temporary")))
        ids = extras.get("workspace_ids")
        made.workspaces = self.world.records.chosen("workspace", ids, user_id)
        return made

    async def _take_question(self, session_id: str, event: Event) -> None:
        session = self._session(session_id)
        if session is None:
            text = "conversation.item.create before session.create"
            await self._send([mgw_frames.error("failed_precondition", text)])
            return
        item = event.get("item") or {}
        session.pending = question_of(event, session.mode, session.personal)
        added = {"id": item.get("id") or str(uuid.uuid4()), "role": "user"}
        await self._send([{"type": "conversation.item.added", "item": added}], session_id)

    async def _start_answer(self, session_id: str) -> None:
        session = self._session(session_id)
        if session is None or session.pending is None:
            text = "response.create before conversation.item.create"
            await self._send([mgw_frames.error("failed_precondition", text)])
            return
        question, session.pending = session.pending, None
        task = asyncio.create_task(self._answer(session, question))
        self.answers.add(task)
        task.add_done_callback(self.answers.discard)

    def _session(self, session_id: str) -> _Session | None:
        """By id; a client with one conversation may leave the id out."""
        if not session_id and len(self.sessions) == 1:
            return next(iter(self.sessions.values()))
        return self.sessions.get(session_id)

    async def _answer(self, session: _Session, question: Question) -> None:
        session_id = session.conversation.conversation_id
        refused = self.account.refusal or refusal_of(self.world, self.account, question)
        if refused:
            await self._refuse(refused, session_id)
            return
        turn = Turn(self.world, self.account, session.conversation, question, heard_by=self.hear)
        try:
            await turn.before_headers()
            with turn.inflight():
                await self._play(turn, session)
        except CutError:
            self.stream.ended = "cut"
            self._abort()
        except ConnectionError:
            self.stream.ended = "client gone"

    async def _play(self, turn: Turn, session: _Session) -> None:
        session_id = session.conversation.conversation_id
        await self._send(mgw_frames.opening(turn), session_id)
        held: list[Event] = []
        async for step in turn.steps():
            held += mgw_frames.events_of(step, use_chunk=session.use_chunk)
            if not self._holds_back(step.kind):
                await self._send(held, session_id, glued=len(held) > 1)
                held = []
        await self._send(held, session_id)
        await self._send(mgw_frames.closing(turn, turn.keep()), session_id)

    def _holds_back(self, kind: str) -> bool:
        """Now and then a token waits for the next one, to share its message."""
        every = self.world.switches.pack_every
        if not every or kind != "token":
            return False
        self._count += 1
        return self._count % every == 0

    async def _refuse(self, name: str, session_id: str) -> None:
        rid = str(uuid.uuid4())
        if name in mgw_frames.ERRORS:
            await self._send([mgw_frames.error(*mgw_frames.ERRORS[name])], session_id)
            if name == "5xx":
                await self._send([mgw_frames.done(rid, "failed", "internal")], session_id)
        if name == "429":
            text = "You've reached your usage limit. Please try again later."
            limit = mgw_frames.stream_error(text, "usage_limit_reached")
            await self._send([limit, mgw_frames.done(rid, "failed", "rate_limited")], session_id)
        if name in _FATAL:
            await self._send([{"type": "session.ended"}], session_id)
            await self.socket.close(code=1008)

    async def _send(
        self, events: Iterable[Event], session_id: str = "", *, glued: bool = False
    ) -> None:
        texts = [self._frame(event, session_id) for event in events]
        messages = ["".join(texts)] if glued and texts else texts
        async with self._lock:
            for text in messages:
                await self._send_text(text)

    async def _send_text(self, text: str) -> None:
        self.stream.sent += len(text)
        if self.socket.closed:
            raise ConnectionResetError("socket is closed")
        if self.world.switches.fragment:
            await send_in_two_frames(self.request, text.encode("utf-8", "backslashreplace"))
        else:
            await self.socket.send_str(text.encode("utf-8", "backslashreplace").decode())

    def _frame(self, event: Event, session_id: str) -> str:
        outer: Event = {"session_id": session_id} if session_id else {}
        outer["event"] = {"type": event["type"], "event_id": str(uuid.uuid4()), **event}
        return json.dumps(outer, ensure_ascii=False, separators=(",", ":"))

    def _abort(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()
