"""What a user is: a person allowed to use the mirror. Knows nothing of passwords or rows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person; `name` is the normal form that identifies him, `display_name` what he typed."""

    id: int
    name: str
    display_name: str
    has_password: bool = False
    enabled: bool = True
    account_id: int | None = None
    account_chosen: bool = False
    """True when the user picked the account himself, False when the pool assigned it."""
    created_at: float = 0.0
    expires_at: float | None = None

    def may_sign_in(self, now: float) -> bool:
        return self.enabled and (self.expires_at is None or self.expires_at > now)
