"""Asks Grok on behalf of a flow, by the proxy's own internal listener.

What comes back has passed the chain: the account's cookies, its egress and all that is learnt from
an answer are the same as for any other request. The body is bounded and never reaches a client as
it is.
"""

from collections.abc import Iterable

import aiohttp

from addons.flow_context import FlowContext
from core.account_trial import Reply
from core.bridge_call import ACCOUNT, CALLER, SSO
from core.wiring import Wiring

LARGEST = 8 * 1024 * 1024
PATIENCE = 30.0
_NOT_SENT = frozenset(
    b"host cookie origin referer connection content-length transfer-encoding accept-encoding "
    b"upgrade expect te trailer range if-range if-none-match if-modified-since".split()
)


class AnswerTooLargeError(Exception):
    """The body is longer than anything that is worth reading."""


class NoAnswerError(Exception):
    """Nothing, or nothing whole, came back."""


class GrokReader:
    """One for the process; a step of the chain for its start and stop only."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._session: aiohttp.ClientSession | None = None

    async def running(self) -> None:
        host, port = self._wiring.internal_listen
        self._session = aiohttp.ClientSession(
            f"http://{host}:{port}",
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"x-mirror-secret": self._wiring.secret},
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def done(self) -> None:
        if self._session:
            await self._session.close()

    async def ask(
        self,
        context: FlowContext,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes = b"",
    ) -> Reply:
        """Raises AnswerTooLargeError, NoAnswerError."""
        assert self._session
        sent = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in headers
            if name.lower() not in _NOT_SENT and not name.lower().startswith(b"sec-")
        }
        sent |= _whom(context)
        try:
            async with self._session.request(
                method, path, headers=sent, data=body or None, allow_redirects=False
            ) as answer:
                said = answer.headers
                return Reply(
                    answer.status,
                    said.get("content-type", ""),
                    said.get("cf-mitigated", ""),
                    await _bounded(answer),
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswerError from error


def _whom(context: FlowContext) -> dict[str, str]:
    """On whose behalf, and with which account: the flow's own, whatever becomes of it meanwhile."""
    assert context.account
    called = {CALLER.decode(): context.owner}
    if context.account.is_stored:
        return called | {ACCOUNT.decode(): str(context.account.id)}
    return called | {SSO.decode(): context.account.sso_token}


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise AnswerTooLargeError
    return bytes(body)
