"""What part an account plays in the pool: for which door, how soon, how much at once, if at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import db
from admin.language import text
from core.account import Account, Traffic

MOST_AT_ONCE = 64
MOST_PRIORITY = 1000


class RoleFormError(ValueError):
    """What is wrong, in the operator's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleForm:
    """A filled-in form; `concurrency` None is what the settings say."""

    traffic: Traffic
    priority: int
    concurrency: int | None
    draining: bool

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> Self:
        """Raises RoleFormError."""
        return cls(
            traffic=traffic_in(form),
            priority=priority_in(form),
            concurrency=concurrency_in(form),
            draining=form.get("draining") == "yes",
        )

    def apply(self, account: Account) -> None:
        """Write it down."""
        db.change_accounts(
            [account.id],
            traffic=self.traffic.value,
            priority=self.priority,
            concurrency=self.concurrency,
            draining=self.draining,
        )


def traffic_in(form: Mapping[str, str]) -> Traffic:
    """Which door."""
    said = form.get("traffic", "")
    if said not in set(Traffic):
        raise RoleFormError(text("form_gone"))
    return Traffic(said)


def priority_in(form: Mapping[str, str]) -> int:
    """Empty is nought; a negative one is lent last."""
    said = form.get("priority", "").strip() or "0"
    digits = said.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and int(digits) <= MOST_PRIORITY):
        raise RoleFormError(text("role_priority_wrong", most=MOST_PRIORITY))
    return int(said)


def concurrency_in(form: Mapping[str, str]) -> int | None:
    """Empty is what the settings say."""
    said = form.get("concurrency", "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and 1 <= int(said) <= MOST_AT_ONCE):
        raise RoleFormError(text("role_concurrency_wrong", most=MOST_AT_ONCE))
    return int(said)
