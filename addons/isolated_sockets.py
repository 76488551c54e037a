"""The sockets of a shared account: frames that are not the caller's pass in neither direction.

`core.chat_socket` and `core.imagine_socket` decide; here messages are read, owners looked up and
new ids written down before the page hears of them. A socket whose frames nobody can read is not
opened at all.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace

from mitmproxy.http import HTTPFlow
from mitmproxy.websocket import WebSocketMessage

from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.imagine_turns import ImagineTurns
from addons.ownership import NotYoursError, Ownership
from addons.unknown_routes import UnknownRoutes
from addons.upstream import is_websocket
from core.chat_socket import ChatSocket, Frame, not_found
from core.ids import UnreadableError
from core.imagine_socket import ImagineSocket, asks_for, too_busy
from core.mirror_config import MirrorConfig
from core.strict_json import read_objects, write_json

log = logging.getLogger(__name__)

type Tell = Callable[[HTTPFlow, bytes], None]
"""Sends the page a message of ours."""


class IsolatedSockets:
    """`unknown` counts events that nobody has allowed, for the operator to see."""

    def __init__(
        self,
        ownership: Ownership,
        config: Callable[[], MirrorConfig],
        unknown: UnknownRoutes,
        tell: Tell,
        hang_up: Callable[[HTTPFlow], None],
    ) -> None:
        self._ownership, self._config, self._unknown = ownership, config, unknown
        self._tell, self._hang_up = tell, hang_up
        self._open: dict[str, ChatSocket | ImagineSocket] = {}
        self._turns = ImagineTurns()

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        goes_out = context.destination is Destination.UPSTREAM and not flow.response
        if goes_out and context.isolated and flow.request.headers.get("upgrade"):
            assert context.route
            if not (context.route.frames and is_websocket(flow)):
                local_answers.hidden(flow)

    def websocket_start(self, flow: HTTPFlow) -> None:
        context, config = flow_context.of(flow), self._config()
        if context.route and context.route.frames == "chat":
            events = config.socket.events | self._unknown.allowed_events
            rule = replace(config.socket, events=events)
            self._open[flow.id] = ChatSocket(config.ids, rule)
        elif context.route and context.route.frames == "imagine":
            self._open[flow.id] = ImagineSocket()

    async def websocket_end(self, flow: HTTPFlow) -> None:
        socket, account = self._open.pop(flow.id, None), flow_context.of(flow).account
        if isinstance(socket, ImagineSocket) and account:
            await self._turns.release(account.id, socket)

    async def websocket_message(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if not context.isolated:
            if context.door is Door.BROWSER and context.account and context.account.is_stored:
                self._record(flow, context)
            return
        assert flow.websocket
        message = flow.websocket.messages[-1]
        try:
            frames = read_objects(message.content) if message.is_text else []
        except UnreadableError:
            frames = []
        if not frames:
            message.drop()
        elif message.from_client:
            await self._from_page(flow, context, message, frames)
        else:
            await self._to_page(flow, context, message, frames)

    async def _from_page(
        self,
        flow: HTTPFlow,
        context: FlowContext,
        message: WebSocketMessage,
        frames: list[dict[str, object]],
    ) -> None:
        socket = self._open[flow.id]
        assert context.account
        if isinstance(socket, ImagineSocket):
            await self._ask_for_pictures(flow, context, socket, message, frames)
            return
        asked = socket.read(frames)
        for event in asked.unknown:
            self._unknown.count_event(event)
        if not await self._ownership.is_his(context.account.id, context.owner, asked.ids):
            log.info("%s: a frame names what is not its caller's", context.request_id)
            message.drop()
            self._tell(flow, write_json(not_found(frames[0])))
            return
        socket.asked(asked.frames)
        _keep(message, frames, asked.frames)

    async def _ask_for_pictures(
        self,
        flow: HTTPFlow,
        context: FlowContext,
        socket: ImagineSocket,
        message: WebSocketMessage,
        frames: list[dict[str, object]],
    ) -> None:
        assert context.account
        number = context.account.id
        if asks_for(frames) and not await self._turns.take(number, context.owner, socket):
            message.drop()
            self._tell(flow, write_json(too_busy()))
            return
        if flow.id in self._open:  # it may have closed while others were waited for
            socket.asked(frames)
        else:
            await self._turns.release(number, socket)

    async def _to_page(
        self,
        flow: HTTPFlow,
        context: FlowContext,
        message: WebSocketMessage,
        frames: list[dict[str, object]],
    ) -> None:
        socket = self._open[flow.id]
        assert context.account
        number, unsure = context.account.id, socket.unsure(frames)
        mine = await self._ownership.owned_among(number, context.owner, unsure)
        if isinstance(socket, ImagineSocket):
            others = await self._ownership.of_others_among(number, context.owner, unsure)
            told = socket.told(frames, mine, others)
        else:
            told = socket.told(frames, mine)
        try:
            self._ownership.claim(number, context.owner, told.claims)
        except (NotYoursError, OSError):
            self._hang_up(flow)  # the page would wait for ever
            raise
        if isinstance(socket, ImagineSocket) and not socket.is_waiting:
            await self._turns.release(number, socket)
        _keep(message, frames, told.frames)

    def _record(self, flow: HTTPFlow, context: FlowContext) -> None:
        """On an account of his own the caller's things are written down too: it may be shared one
        day. What cannot be read or written there is no reason to keep it from him."""
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if message.from_client or not message.is_text or flow.id not in self._open:
            return
        tree = self._config().socket.claims
        with contextlib.suppress(UnreadableError, NotYoursError, OSError):
            for frame in read_objects(message.content):
                assert context.account
                self._ownership.claim(context.account.id, context.owner, tree.ids_in(frame))


def _keep(
    message: WebSocketMessage, before: list[dict[str, object]], after: tuple[Frame, ...]
) -> None:
    """Leave the message as it came when nothing of it was taken out."""
    if not after:
        message.drop()
    elif list(after) != before:
        message.content = b"".join(map(write_json, after))
