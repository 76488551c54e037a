"""Fetches the images that callers name by address, from the open internet only.

The name is resolved once and the connection goes to the address that was judged; every redirect is
judged anew. Nothing of ours or of any account is sent along.
"""

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urljoin

from api_bridge.attachments import LARGEST_IMAGE, unusable_image
from api_bridge.lifeline import Lifeline
from api_bridge.public_address import NotFetchableError, Target, is_public, parse_target

_SECONDS = 20.0
_REDIRECTS = 3
_PIECE = 65_536
_MOVED = {301, 302, 303, 307, 308}
_HEADERS = {
    "accept": "image/*",
    "accept-encoding": "identity",
    "user-agent": "Mozilla/5.0 (compatible; grok-mirror)",
}


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class ImageFetch:
    """Callable: a URL in, its content out; RefusedError for what cannot be had."""

    lifeline: Lifeline
    resolve: Callable[[str, int], list[str]] = resolve
    is_public: Callable[[str], bool] = is_public

    def __call__(self, url: str) -> bytes:
        deadline = time.monotonic() + _SECONDS
        try:
            for _ in range(_REDIRECTS + 1):
                content = self._get(parse_target(url), deadline)
                if isinstance(content, bytes):
                    return content
                url = urljoin(url, content)
        except NotFetchableError as error:
            raise unusable_image(str(error)) from error
        except (OSError, HTTPException, UnicodeError) as error:
            self.lifeline.check()
            raise unusable_image("it cannot be fetched") from error
        raise unusable_image("its address redirects too often")

    def _get(self, target: Target, deadline: float) -> bytes | str:
        """The content, or where it has moved to."""
        address = self._address(target)
        with self.lifeline.connected((address, target.port)) as sock:
            sock.settimeout(max(0.1, deadline - time.monotonic()))
            if target.scheme == "https":
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
            with closing(sock):
                return _read(sock, target, deadline)

    def _address(self, target: Target) -> str:
        addresses = self.resolve(target.host, target.port)
        if not addresses or not all(map(self.is_public, addresses)):
            raise NotFetchableError("its address is not on the open internet")
        return addresses[0]


def _read(sock: socket.socket, target: Target, deadline: float) -> bytes | str:
    connection = HTTPConnection(target.host, target.port)
    connection.sock = sock
    connection.request("GET", target.path, headers=_HEADERS)
    with connection.getresponse() as answer:
        if answer.status in _MOVED:
            return answer.getheader("location") or ""
        if answer.status != 200:
            raise NotFetchableError(f"its address answers {answer.status}")
        return _content(answer, deadline)


def _content(answer: HTTPResponse, deadline: float) -> bytes:
    pieces, size = [], 0
    while piece := answer.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_IMAGE:
            raise NotFetchableError("it is larger than 20 MB")
        if time.monotonic() > deadline:
            raise NotFetchableError("it takes too long to fetch")
    return b"".join(pieces)
