"""Reads a user's conversations from Grok, by the proxy's internal listener and in his name.

The proxy lends, sends and settles; this end sees no SSO token. Whose a conversation is must have
been looked up before: what is asked here is answered.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import batched
from urllib.parse import quote, urlencode

from core.bridge_call import ACCOUNT, CALLER
from core.conversation import (
    Head,
    Message,
    UnreadableAnswerError,
    heads_in,
    message_ids_in,
    messages_in,
)
from core.user import caller_name
from core.wiring import Wiring

PATIENCE = 30.0
LARGEST = 32 * 2**20
HEADS_AT_ONCE = 50
MESSAGES_AT_ONCE = 40
_CONVERSATIONS = "/rest/app-chat/conversations"
_USER_AGENT = "Mozilla/5.0 (compatible; grok-mirror)"
"""For accounts without one of their own, which the proxy would put in its place."""


class Trouble(Enum):
    """Why a conversation cannot be read now."""

    GONE = "gone"
    """Grok knows none of this id: deleted, or a temporary one whose time is over."""
    NO_ACCOUNT = "no_account"
    """The account is signed out, switched off, or not the user's to ride any more."""
    SLOW_DOWN = "slow_down"
    """Grok wants to be left alone for a while."""
    AWAY = "away"
    """No answer, or none that can be read."""


class HistoryError(Exception):
    """With the trouble's name."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class GrokHistory:
    """One for the process; without wiring (in a test) nothing is reached."""

    def __init__(self, wiring: Wiring | None) -> None:
        self._wiring = wiring

    def heads(self, user_id: int, account_id: int, ids: Sequence[str]) -> Iterator[Head]:
        """Of those that Grok still has, as they come."""
        for some in batched(ids, HEADS_AT_ONCE):
            query = urlencode([("conversationIds", one) for one in some])
            body = self._ask(user_id, account_id, "GET", f"{_CONVERSATIONS}-many?{query}")
            wanted = set(some)
            yield from (head for head in _read(heads_in, body) if head.id in wanted)

    def messages(
        self, user_id: int, account_id: int, conversation_id: str
    ) -> Iterator[list[Message]]:
        """All of one conversation, some at a time, in the order of its tree."""
        path = f"{_CONVERSATIONS}/{quote(conversation_id, safe='')}"
        tree = self._ask(user_id, account_id, "GET", f"{path}/response-node?includeThreads=true")
        for some in batched(_read(message_ids_in, tree), MESSAGES_AT_ONCE):
            question = json.dumps({"responseIds": some}).encode()
            body = self._ask(user_id, account_id, "POST", f"{path}/load-responses", question)
            yield _read(partial(messages_in, wanted=some), body)

    def _ask(
        self, user_id: int, account_id: int, method: str, path: str, body: bytes = b""
    ) -> bytes:
        if self._wiring is None:
            raise HistoryError(Trouble.AWAY)
        connection = HTTPConnection(*self._wiring.internal_listen, timeout=PATIENCE)
        headers = {
            "User-Agent": _USER_AGENT,
            "Accept": "application/json",
            "x-mirror-secret": self._wiring.secret,
            CALLER.decode(): caller_name(user_id),
            ACCOUNT.decode(): str(account_id),
        }
        if body:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            said = answer.read(LARGEST + 1)
        except (OSError, HTTPException) as error:
            raise HistoryError(Trouble.AWAY) from error
        finally:
            connection.close()
        return _judged(answer.status, said)


def _judged(status: int, said: bytes) -> bytes:
    if 200 <= status < 300 and len(said) <= LARGEST:
        return said
    if status in (403, 429):
        raise HistoryError(Trouble.SLOW_DOWN)
    if status == 404:
        raise HistoryError(Trouble.GONE)
    is_lost = status == 401 or (status == 503 and b'"no_account"' in said)
    raise HistoryError(Trouble.NO_ACCOUNT if is_lost else Trouble.AWAY)


def _read[T](reader: Callable[[bytes], T], body: bytes) -> T:
    try:
        return reader(body)
    except UnreadableAnswerError as error:
        raise HistoryError(Trouble.AWAY) from error
