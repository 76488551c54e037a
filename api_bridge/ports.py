"""What the chat API needs from outside: somebody who asks Grok, and somebody who knows callers.

The app is written against these; the network stands behind them, or a fake.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from api_bridge.chat_request import ChatRequest
from api_bridge.errors import NotAllowedError
from api_bridge.events import GrokEvent, Image
from api_bridge.models import ModelChoice
from core.api_key import ApiKey
from core.user import User


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a request acts for: a user by browser, an API key, AUTHORIZATION, or a raw SSO token."""

    kind: Literal["user", "key", "env", "sso"]
    id: str = ""
    sso_token: str = field(default="", repr=False)
    api_key: ApiKey | None = None
    owner: User | None = None
    """Whose the API key is, if it is somebody's: what binds him binds it."""
    address: str = ""
    """Where a raw SSO token came from: nothing else of its owner is known."""

    @property
    def name(self) -> str:
        """As the proxy is told: `key:7`, `env`, `sso`."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    def may_use(self, model: str, mode: str) -> bool:
        """Whether a model's name, and the mode it means, are allowed; most callers may use all."""
        by_name = self.api_key is None or self.api_key.may_use(model)
        return by_name and (self.owner is None or self.owner.rules.may_use_mode(mode))

    def must_be_allowed(self, model: str, mode: str) -> None:
        """Raises NotAllowedError for a model that the caller may not use."""
        if not self.may_use(model, mode):
            message = f"This API key may not use the model '{model[:100]}'."
            raise NotAllowedError(message, "model_not_allowed", 403)


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

    def caller_of(self, key: str, address: str) -> Caller | None:
        """Whom this key belongs to; None when to nobody. Compares in constant time.

        NotAllowedError when it is a key, but not good for anything now, or from this address.
        """
        ...

    def admit(self, caller: Caller, model: str, mode: str = "") -> None:
        """Counts what costs no question, such as counting tokens, against the calls of a minute;
        NotAllowedError or LimitedError when it may not be asked."""
        ...

    def again(self, caller: Caller) -> None:
        """Counts a further question of a call under way; LimitedError when it is one too many."""
        ...

    def call(self, caller: Caller, model: str, mode: str = "") -> AbstractContextManager[None]:
        """Lasts as long as the call; NotAllowedError or LimitedError when it may not be made.

        `mode` is what the model's name means here: who is held to a list of modes needs it.
        """
        ...


class Offer(Protocol):
    """Knows what can be had."""

    def of(self, caller: Caller) -> Callable[[ModelChoice], bool]:
        """Whether a model can be served to this caller now."""
        ...


class ImageLinks(Protocol):
    """Makes addresses under which a caller's browser can open Grok's images."""

    def url_of(self, image: Image, mirror_origin: str) -> str:
        """An absolute address that needs no further headers."""
        ...

    def content_of(self, image: Image, caller: Caller) -> bytes:
        """The image itself; BadRequestError or GrokFailedError when it cannot be had."""
        ...
