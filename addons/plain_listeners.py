"""Keeps TLS off listeners that have no certificate of the operator's.

mitmproxy speaks TLS on every port, under a certificate of its own that names it, and with HTTP/2
behind it: a second front door that nobody has opened.
"""

from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layer import CommandGenerator, Layer, NextLayer


class PlainListeners:
    """Registered before mitmproxy's own choice of a layer; `tls_port` is where TLS may end."""

    def __init__(self, tls_port: int | None) -> None:
        self._tls_port = tls_port

    def next_layer(self, nextlayer: NextLayer) -> None:
        if nextlayer.context.client.sockname[1] == self._tls_port:
            return
        if starts_like_tls_record(nextlayer.data_client()):
            nextlayer.layer = _HangUp(nextlayer.context)


class _HangUp(Layer):
    """Says nothing and closes."""

    def _handle_event(self, event: events.Event) -> CommandGenerator[None]:
        if isinstance(event, events.Start):
            yield commands.CloseConnection(self.context.client)
