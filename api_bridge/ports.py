"""What the chat API needs from outside: somebody who asks Grok, and somebody who knows callers.

The app is written against these; the network stands behind them, or a fake.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from api_bridge.chat_request import ChatRequest
from api_bridge.events import GrokEvent, Image


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a request acts for: a user by browser, an API key, or a raw SSO token."""

    kind: Literal["user", "key", "sso"]
    id: str = ""
    sso_token: str = field(default="", repr=False)


class GrokPort(Protocol):
    """Asks Grok."""

    def ask(
        self, request: ChatRequest, prompt: str, caller: Caller
    ) -> Generator[GrokEvent, None, None]:
        """The events of one turn, ended by Finished or Failed; closing the generator hangs up.

        A `Silence` now and then tells that the turn is alive though nothing is said.
        """
        ...


class CallerBook(Protocol):
    """Knows callers by what they show."""

    def caller_of(self, key: str) -> Caller | None:
        """Whom this key belongs to; None when to nobody. Compares in constant time."""
        ...


class ImageLinks(Protocol):
    """Makes addresses under which a caller's browser can open Grok's images."""

    def url_of(self, image: Image, mirror_origin: str) -> str:
        """An absolute address that needs no further headers."""
        ...
