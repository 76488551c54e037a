"""Which account a turn is lent, and who Grok says it is: the socket's address needs both."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from api_bridge.door import Door, account_of
from api_bridge.events import Failed, FailureKind
from api_bridge.grok_fields import fields_of, text_of
from api_bridge.json_objects import parse_object
from api_bridge.refused import RefusedError

_SESSION = "/api/auth/session"
_LARGEST = 65_536
_KNOWN_FOR = 600.0

_STATES: Mapping[str, Failed] = {
    "unauthenticated": Failed(FailureKind.SIGNED_OUT, "Grok does not know the session."),
    "blocked": Failed(FailureKind.BLOCKED, "Grok has blocked the account."),
}


@dataclass(frozen=True, slots=True)
class Lent:
    """An account for one turn; 0 is the caller's own."""

    account_id: int
    user_id: str


@dataclass
class Lending:
    """Asks the proxy for an account, and remembers for a while who it is at Grok."""

    _users: dict[int, tuple[float, str]] = field(default_factory=dict)

    def lend(self, door: Door) -> Lent:
        """The account that the proxy chooses, or the tied one; RefusedError when there is none."""
        known = self._known(door.account_id)
        if known:
            return known
        with door.call("GET", _SESSION) as answer:
            account_id = account_of(answer) or 0
            user_id = _user_id(answer.read(_LARGEST), account_id)
        if account_id:
            self._users[account_id] = (time.monotonic() + _KNOWN_FOR, user_id)
        return Lent(account_id, user_id)

    def forget(self, account_id: int) -> None:
        """What was known of it may be why it failed."""
        self._users.pop(account_id, None)

    def _known(self, account_id: int | None) -> Lent | None:
        until, user_id = self._users.get(account_id or 0, (0.0, ""))
        return Lent(account_id, user_id) if account_id and time.monotonic() < until else None


def _user_id(body: bytes, account_id: int) -> str:
    """From either shape of the answer."""
    said = parse_object(body.decode("utf-8", "replace")) or {}
    if failed := _STATES.get(text_of(said, "status")):
        raise RefusedError(failed, account_id)
    session, user = fields_of(said, "session"), fields_of(said, "user")
    user_id = text_of(session, "userId") or text_of(user, "id", "userId")
    if not user_id:
        raise RefusedError(Failed(FailureKind.INTERNAL, "Grok tells no user id."), account_id)
    return user_id
