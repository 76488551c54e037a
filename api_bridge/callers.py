"""Who is calling, by what he shows; and how much of it he may have.

Keys are compared here and never leave the machine: only what `core.raw_token` lets pass as a
caller's own SSO token is used upstream, for that one call, and is neither stored nor logged.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from hmac import compare_digest
from typing import Literal

import db
from api_bridge.errors import GrokFailedError, LimitedError, NotAllowedError
from api_bridge.events import FailureKind
from api_bridge.ports import Caller
from core.allowance import seconds_until_reset
from core.api_key import ApiKey, Objection, is_api_key
from core.call_rate import WINDOW, CallRate
from core.login_throttle import peer_key
from core.raw_token import may_be_raw_token
from core.settings import Settings
from core.user import User
from core.weak_secrets import is_placeholder

RAW_CALLS_PER_MINUTE = 30
_BUSY_WAIT = 2.0

_OBJECTIONS: dict[Objection | Literal["owner"], tuple[str, str, int]] = {
    "owner": ("The user of this API key is switched off or has expired.", "user_disabled", 401),
    "disabled": ("This API key is switched off.", "api_key_disabled", 401),
    "expired": ("This API key has expired.", "api_key_expired", 401),
    "address": ("This API key may not be used from your address.", "address_not_allowed", 403),
}


class Callers:
    """The book. Minutes and open calls are remembered here, days and months in the database."""

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._env_keys = tuple(key for key in settings.authorization if not is_placeholder(key))
        self._raw_tokens = settings.allow_raw_sso
        self._now = now
        self._rate = CallRate()
        self._open: Counter[int] = Counter()

    def caller_of(self, key: str, address: str) -> Caller | None:
        """NotAllowedError for a key that is good for nothing now, or not from this address."""
        if not key or is_placeholder(key):
            return None
        if self._is_env_key(key):
            return Caller("env")
        if is_api_key(key):
            return self._key_caller(key, address)
        if self._raw_tokens and may_be_raw_token(key, self._env_keys):
            return Caller("sso", sso_token=key, address=peer_key(address))
        return None

    def admit(self, caller: Caller, model: str, mode: str = "") -> None:
        """What costs no question still costs us something."""
        caller.must_be_allowed(model, mode)
        self._count_in_minute(caller)

    def again(self, caller: Caller) -> None:
        """Counted as every question."""
        self._count_question(caller, self._now())

    def _count_question(self, caller: Caller, now: float) -> None:
        self._count_in_minute(caller)
        if caller.api_key:
            self._count(caller.api_key, caller.owner, now)

    def _count_in_minute(self, caller: Caller) -> None:
        if caller.kind == "sso":
            self._count_minute(f"sso {caller.address}", RAW_CALLS_PER_MINUTE)
        if (key := caller.api_key) and key.rules.per_minute is not None:
            self._count_minute(f"key {key.id}", key.rules.per_minute)

    @contextmanager
    def call(self, caller: Caller, model: str, mode: str = "") -> Iterator[None]:
        """One call, from its start to whichever end it has. One for which there was no account
        counts for no day."""
        with self._place(caller.api_key) if caller.api_key else nullcontext():
            caller.must_be_allowed(model, mode)
            counted = self._now()
            self._count_question(caller, counted)
            try:
                yield
            except GrokFailedError as error:
                # It tells least of all failures: no attempt has got further.
                if caller.api_key and error.failed.kind is FailureKind.NO_ACCOUNT:
                    self._take_back(caller.api_key, caller.owner, counted)
                raise

    def _is_env_key(self, key: str) -> bool:
        # Header values are bytes in the guise of latin-1; all keys are compared, whatever fits.
        shown = key.encode("latin-1", "replace")
        return any([compare_digest(shown, ours.encode()) for ours in self._env_keys])  # noqa: C419

    def _key_caller(self, text: str, address: str) -> Caller | None:
        key = db.find_api_key(text)
        if key is None:
            return None
        if objection := key.objection(address, self._now()):
            raise NotAllowedError(*_OBJECTIONS[objection])
        owner = None if key.user_id is None else db.load_user(key.user_id)
        if owner and not owner.may_sign_in(self._now()):
            raise NotAllowedError(*_OBJECTIONS["owner"])
        return Caller("key", str(key.id), api_key=key, owner=owner)

    @contextmanager
    def _place(self, key: ApiKey) -> Iterator[None]:
        limit = key.rules.concurrency
        if limit is not None and self._open[key.id] >= limit:
            raise LimitedError(f"This API key allows {limit} calls at the same time.", _BUSY_WAIT)
        self._open[key.id] += 1
        try:
            yield
        finally:
            self._open[key.id] -= 1
            if not self._open[key.id]:
                del self._open[key.id]

    def _take_back(self, key: ApiKey, owner: User | None, counted: float) -> None:
        with suppress(db.StorageError):  # the caller is told of his own failure
            db.take_back_api_call(key, counted, self._now(), owner)

    def _count(self, key: ApiKey, owner: User | None, now: float) -> None:
        if over := db.count_api_call(key, now, owner):
            whose = "This API key" if over.whose == "key" else "The user of this API key"
            message = f"{whose} has used its {over.limit} calls of this {over.span} (UTC)."
            raise LimitedError(message, seconds_until_reset(over.span, now), "insufficient_quota")

    def _count_minute(self, name: str, limit: int) -> None:
        if wait := self._rate.wait(name, limit, self._now()):
            message = f"More than {limit} calls within a minute."
            raise LimitedError(message, min(wait, WINDOW))
