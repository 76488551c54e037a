"""A finished request frees what it held at once, a script of megabytes or a page.

Its layer in mitmproxy is in the list of its own context, and keeps its state as a method bound to
itself: circles, which only the garbage collector opens, now and then and with everybody waiting.
"""

from collections.abc import Callable

from mitmproxy.proxy.layers.http import HttpStream

from addons.wrapping import Steps, wrap


def install() -> None:
    """Once per process. AttributeError when mitmproxy has changed."""
    wrap(HttpStream, "flow_done", _flow_done)
    assert HttpStream.state_done
    HttpStream.state_done = staticmethod(_done)  # type: ignore[method-assign]


def _flow_done(original: Callable[..., Steps], self: HttpStream) -> Steps:
    yield from original(self)
    if not self.flow.websocket:
        self.context.layers.remove(self)


def _done(event: object) -> Steps:
    """As mitmproxy has it, for who needs no stream: nothing comes any more."""
    assert event is None, "an event at the end of a flow"
    yield from ()
