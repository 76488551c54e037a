"""The one addon mitmproxy calls: runs our steps in order and fails closed.

mitmproxy logs an exception in a hook and lets the flow go on, unfiltered. Here any exception
ends the flow: before the upstream is asked with an answer of our own, afterwards by letting no
further byte of the upstream through. A local answer ends the request side early.

Steps are plain objects with mitmproxy's hook names. Dispatching to them from one addon instead
of registering each also halves what mitmproxy spends on a request.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import Any

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import TlsData

from addons import flow_context, local_answers
from addons.socket_relay import SocketBundle
from core.refusals import INTERNAL

log = logging.getLogger(__name__)

Hook = Callable[..., Any]
SWITCHING = 101
_MAY_ANSWER = ("requestheaders", "request")


class Chain:
    """`steps` in the order of the request; answers pass them in the same order."""

    def __init__(self, steps: Sequence[object]) -> None:
        self.steps = tuple(steps)
        self._hooks: dict[str, list[Hook]] = {}

    async def requestheaders(self, flow: HTTPFlow) -> None:
        if await self._run("requestheaders", flow, lambda: _answer_internal(flow)):
            context = flow_context.of_or_none(flow)
            if context:  # the gate answers without one
                context.approved = True
        if flow.response:  # mitmproxy cannot both stream a request and answer it
            flow.request.stream = False

    async def request(self, flow: HTTPFlow) -> None:
        if not flow.response:
            await self._run("request", flow, lambda: _answer_internal(flow))
        context = flow_context.of_or_none(flow)
        if context:
            context.answered_here = flow.response is not None

    async def responseheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of_or_none(flow)
        if context is None or context.answered_here:
            return  # mitmproxy emulates this hook for our own answers too
        if await self._run("responseheaders", flow, lambda: _swallow_answer(flow)):
            context.answer_approved = True

    async def response(self, flow: HTTPFlow) -> None:
        if flow_context.of_or_none(flow):  # the gate's own refusals concern no step
            await self._run("response", flow, flow.kill)
        if flow.response:
            flow.response.stream = False  # it knows the flow, which the collector alone could free

    async def error(self, flow: HTTPFlow) -> None:
        if flow_context.of_or_none(flow):
            await self._each("error", flow)

    async def websocket_start(self, flow: HTTPFlow) -> None:
        await self._each("websocket_start", flow)

    async def websocket_message(self, flow: HTTPFlow) -> None:
        assert flow.websocket
        messages = flow.websocket.messages
        if not messages[-1].injected:  # a message of ours concerns no step
            await self._run("websocket_message", flow, messages[-1].drop)
        del messages[:-1]  # mitmproxy would keep every message of a socket for ever

    async def websocket_bundle(self, bundle: SocketBundle) -> None:
        assert bundle.flow.websocket
        for message in bundle.messages:
            bundle.flow.websocket.messages.append(message)
            await self.websocket_message(bundle.flow)
            if not message.dropped:
                bundle.passing.append(message)

    async def websocket_end(self, flow: HTTPFlow) -> None:
        await self._each("websocket_end", flow)

    async def client_connected(self, client: Client) -> None:
        await self._each("client_connected", client)

    async def server_connect(self, data: ServerConnectionHookData) -> None:
        await self._run("server_connect", data, lambda: _refuse_connection(data))

    async def tls_start_server(self, data: TlsData) -> None:
        await self._each("tls_start_server", data)

    async def server_disconnected(self, data: ServerConnectionHookData) -> None:
        await self._each("server_disconnected", data)

    async def server_connect_error(self, data: ServerConnectionHookData) -> None:
        await self._each("server_connect_error", data)

    async def tls_failed_server(self, data: TlsData) -> None:
        await self._each("tls_failed_server", data)

    async def start(self) -> None:
        """Call before mitmproxy listens. Raises: a step that cannot start must stop the process,
        while an exception in mitmproxy's own `running` hook would only be logged."""
        for step in self._named("running"):
            result = step()
            if isawaitable(result):
                await result

    async def done(self) -> None:
        """In reverse: who serves others, as the store, goes last."""
        for step in reversed(self._named("done")):
            await self._noted("done", step)

    def _named(self, hook: str) -> list[Hook]:
        found = self._hooks.get(hook)
        if found is None:
            found = [getattr(step, hook) for step in self.steps if hasattr(step, hook)]
            self._hooks[hook] = found
        return found

    async def _run(self, hook: str, subject: object, failed: Callable[[], object]) -> bool:
        """All steps of a deciding hook; on the first error `failed` and no further step."""
        try:
            for step in self._named(hook):
                result = step(subject)
                if result is not None and isawaitable(result):
                    await result
                if _is_settled(hook, subject):
                    break
        except Exception:  # noqa: BLE001 - the one guard that makes every step fail closed
            _report(hook)
            failed()
            return False
        return True

    async def _each(self, hook: str, *subjects: object) -> None:
        """All steps of a hook that only takes note: one failing must not rob the others."""
        for step in self._named(hook):
            await self._noted(hook, step, *subjects)

    async def _noted(self, hook: str, step: Hook, *subjects: object) -> None:
        try:
            result = step(*subjects)
            if result is not None and isawaitable(result):
                await result
        except Exception:  # noqa: BLE001 - as above
            _report(hook)


def _is_settled(hook: str, subject: object) -> bool:
    """Whether a step has said the last word: answered the request, or dropped the message."""
    if hook in _MAY_ANSWER:
        return getattr(subject, "response", None) is not None
    if hook == "websocket_message":
        assert isinstance(subject, HTTPFlow)
        return subject.websocket is not None and subject.websocket.messages[-1].dropped
    return False


def _refuse_connection(data: ServerConnectionHookData) -> None:
    data.server.error = "refused"


def _answer_internal(flow: HTTPFlow) -> None:
    context = flow_context.of_or_none(flow)
    local_answers.refuse(flow, INTERNAL, context.request_id if context else "-")


def _swallow_answer(flow: HTTPFlow) -> None:
    """Our answer instead of the upstream's. Replacing `flow.response` alone would still relay the
    upstream's body, so the stream filter eats it. What follows a 101 is no body and reaches no
    filter: there the connection ends."""
    if flow.response and flow.response.status_code == SWITCHING:
        flow_context.of(flow).answer_approved = True
        flow.kill()
        return
    _answer_internal(flow)
    response = flow.response
    assert response
    body = response.content or b""
    response.headers.pop("content-length", None)
    if flow.request.http_version == "HTTP/1.1":
        response.headers["transfer-encoding"] = "chunked"
    response.stream = lambda data: [] if data else [body]
    flow_context.of(flow).answer_approved = True


def _report(hook: str) -> None:
    """Kind and place only: the message of an exception may hold what must not be logged."""
    kind, _, trace = sys.exc_info()
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    log.error("hook %s failed: %s at %s", hook, kind.__name__ if kind else "?", place)
