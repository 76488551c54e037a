"""One open connection towards the upstream, and why one did not come about.

No text here holds an address or a credential: it goes to logs, screens and error pages.
"""

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass
from enum import Enum

from addons.piping import PipeReader

# A silently dropped connection is noticed within 30 + 3 × 10 s, with bytes under way or without.
_KEEP_ALIVE = {
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 60_000,
}


class Fault(Enum):
    """Whose failure it was, as far as one can tell from here."""

    EGRESS = "egress"
    BEYOND = "beyond"
    """Behind the egress, or on our own way to it: only a better result elsewhere convicts it."""


class DialError(Exception):
    """A connection that did not come about; the text is fit for an operator's screen."""

    def __init__(self, reason: str, fault: Fault = Fault.EGRESS) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Leg:
    """Our end of a connection towards the upstream."""

    reader: PipeReader
    writer: asyncio.StreamWriter

    def abort(self) -> None:
        # Not close(): it would wait for a peer that may be gone, to send what nobody wants.
        self.writer.transport.abort()


def unreachable(error: OSError) -> DialError:
    """What an error of the system says about whoever was dialled."""
    match error:
        case ssl.SSLCertVerificationError():
            return DialError("its certificate is not trusted")
        case ssl.SSLError():
            return DialError("TLS handshake failed")
        case ConnectionRefusedError():
            return DialError("refused the connection")
        case ConnectionResetError() | BrokenPipeError():
            return DialError("closed the connection")
    if error.errno == errno.ENETUNREACH:  # our own network is down: no egress's fault
        return DialError("no network", Fault.BEYOND)
    return DialError("cannot be reached")


def keep_alive(sock: socket.socket) -> None:
    """Have the system notice a peer that went away without a word."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has each
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
