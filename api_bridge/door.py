"""The proxy's internal listener, as one turn uses it: on whose behalf, on which account.

Plain HTTP/1.1 on loopback with the standard library: a turn owns its sockets, so that it can be
broken off while it connects, uploads or waits for the head of an answer.
"""

import base64
import hashlib
import secrets
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import cast

from api_bridge.events import Failed, FailureKind
from api_bridge.internal_listener import Connection, InternalListener
from api_bridge.lifeline import Lifeline
from api_bridge.ports import Caller
from api_bridge.refused import RefusedAnswer, RefusedError, refusal, session_failure
from api_bridge.text_socket import TextSocket
from core.outcomes import PEEK_BYTES, SESSION_PROBE

ANSWER_SECONDS = 20.0
SOCKET_SECONDS = 40.0
"""For an account to be free, for Grok to say who it is, and for the handshake."""
_LARGEST_SESSION = 65_536
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_USER_AGENT = "Mozilla/5.0 (compatible; grok-mirror)"
"""For accounts without one of their own, which the proxy would put in its place."""


def caller_name(caller: Caller) -> str:
    """The caller as the proxy wants to know him: by number, or by how he came."""
    if caller.kind == "sso":
        return "sso"
    return f"{caller.kind}:{caller.id}" if caller.id.isdecimal() else "env"


@dataclass(frozen=True, slots=True)
class Door:
    """Calls for one caller; `account_id` ties them, `avoid` is what has failed already."""

    listener: InternalListener
    caller: Caller
    lifeline: Lifeline
    account_id: int | None = None
    avoid: frozenset[int] = frozenset()
    mode: str = ""
    """Of the question: the proxy knows which accounts have room left in it."""
    sticky: str = ""
    """Of its conversation: the proxy remembers which account was lent for it last."""

    def tied_to(self, account_id: int | None) -> "Door":
        """The same for one account; a caller's own is the only one he has."""
        return replace(self, account_id=account_id, avoid=frozenset()) if account_id else self

    def settled(self) -> "Door":
        """Tied to the account that would be lent now, for what must be there before the question.

        RefusedError when there is none.
        """
        if self.account_id is not None or self.caller.kind == "sso":
            return self
        with self.call("GET", SESSION_PROBE) as answer:
            account_id = account_of(answer)
            if failed := session_failure(answer.read(_LARGEST_SESSION)):
                raise RefusedError(failed, account_id)
            return self.tied_to(account_id)

    @contextmanager
    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = ANSWER_SECONDS,
    ) -> Iterator[HTTPResponse]:
        """An answer below 400, to be read within the block; RefusedError for all others."""
        with self._connection(seconds) as (connection, http):
            is_sent = False
            # Refused in the middle of an upload: the answer says why.
            with suppress(BrokenPipeError, ConnectionResetError):
                http.request(method, path, body, {**self._headers(), **(headers or {})})
                is_sent = True
            del body  # a long prompt, and its answer may take minutes
            with http.getresponse() as answer:
                try:
                    if answer.status in (502, 504):
                        self.listener.forget()
                    if answer.status >= 400:
                        raise _refused(answer, path)
                    yield answer
                finally:
                    is_over = answer.isclosed() and not answer.will_close
                    connection.is_free = is_sent and is_over and self.caller.kind != "sso"
                    connection.accounts.add(account_of(answer) or 0)

    @contextmanager
    def socket(self, path: str) -> Iterator[tuple[TextSocket, int | None]]:
        """An open WebSocket and the number of its account; RefusedError when there is none.

        The client speaks first on Grok's: nothing can have come behind the head of the answer.
        """
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        upgrade = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": key,
        }
        with self._connection(SOCKET_SECONDS) as (connection, http):
            http.request("GET", path, None, {**self._headers(), **upgrade})
            with http.getresponse() as answer:
                if answer.status != 101 or answer.getheader("sec-websocket-accept") != _accept(key):
                    raise _refused(answer, path)
                account_id = account_of(answer)
            del answer  # and its buffer
            http.close()  # and what it remembers of the head
            yield TextSocket(connection.socket), account_id

    def _headers(self) -> dict[str, str]:
        headers = {
            "user-agent": _USER_AGENT,
            "accept": "*/*",
            "accept-language": "en-US,en;q=0.9",
            "accept-encoding": "identity",
            "x-mirror-secret": self.listener.secret,
            "x-mirror-caller": caller_name(self.caller),
        }
        if self.mode:
            headers["x-mirror-mode"] = self.mode
        if self.caller.kind == "sso":
            headers["x-mirror-sso"] = self.caller.sso_token
        elif self.account_id is not None:
            headers["x-mirror-account"] = str(self.account_id)
        else:
            headers |= self._wishes()
        return headers

    def _wishes(self) -> dict[str, str]:
        """What the choice of an account may go by."""
        avoid = ",".join(map(str, sorted(self.avoid)))
        wishes = {"x-mirror-avoid": avoid, "x-mirror-sticky": self.sticky}
        return {name: wish for name, wish in wishes.items() if wish}

    @contextmanager
    def _connection(self, seconds: float | None) -> Iterator[tuple[Connection, HTTPConnection]]:
        http = HTTPConnection(*self.listener.address)
        try:
            with self.listener.connection(self.lifeline) as connection:
                connection.socket.settimeout(seconds)
                http.sock = cast("socket.socket", connection.reader)
                yield connection, http
        except TimeoutError as error:
            raise self._lost(FailureKind.STALLED, "Grok did not answer in time.") from error
        except (OSError, HTTPException) as error:
            raise self._lost(FailureKind.UNREACHABLE, "The connection was lost.") from error
        finally:
            http.close()

    def _lost(self, kind: FailureKind, message: str) -> RefusedError:
        self.listener.forget()
        self.lifeline.check()
        return RefusedError(Failed(kind, message), self.account_id)


def account_of(answer: HTTPResponse) -> int | None:
    """Which account was lent; 0 is a caller's own."""
    text = answer.getheader("x-mirror-account") or ""
    return int(text) if text.isdecimal() else None


def _refused(answer: HTTPResponse, path: str) -> RefusedError:
    head = b"" if answer.status == 101 else answer.read(PEEK_BYTES)
    judged = RefusedAnswer(
        status=answer.status if answer.status >= 400 else 502,
        content_type=answer.getheader("content-type") or "",
        cf_mitigated=answer.getheader("cf-mitigated") or "",
        retry_after=answer.getheader("retry-after") or "",
        head=head,
        path=path.partition("?")[0],
    )
    return RefusedError(refusal(judged), account_of(answer))


def _accept(key: str) -> str:
    digest = hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
