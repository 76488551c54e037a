"""What the numbers of records stand for: callers, accounts and egresses by their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import db
from admin.language import text

NOBODY = "-"
"""In an address: calls of no caller."""
_WORDS = frozenset({"env", "sso", "operator"})
MOST_ACCOUNTS_OF_A_NAME = 50


@dataclass(frozen=True, slots=True)
class Name:
    """Shown as `text`; `path` is the page of it, when there is one."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Read once for a page."""

    users: Mapping[int, str]
    keys: Mapping[int, str]
    accounts: Mapping[int, str]
    egresses: Mapping[int, str]

    @classmethod
    def load(cls, account_ids: Iterable[int]) -> Self:
        """Of these accounts, and of all that there are few of."""
        return cls(
            users={user.id: user.display_name for user in db.load_users()},
            keys={key.id: key.name for key in db.load_api_keys()},
            accounts=db.account_names(account_ids),
            egresses={egress.id: egress.spec.masked for egress in db.load_egresses()},
        )

    def caller(self, code: str) -> Name:
        """`user:3`, `key:1`, or one of the ways to call without being either."""
        kind, _, number = code.partition(":")
        if kind == "user" and number.isdecimal():
            known = self.users.get(int(number))
            return Name(known, "/admin/users") if known else Name(text("user_gone", number=number))
        if kind == "key" and number.isdecimal():
            known = self.keys.get(int(number))
            path = f"/admin/keys/{number}"
            return Name(known, path) if known else Name(text("key_gone", number=number))
        return Name(text(f"caller_{code}") if code in _WORDS else text("caller_nobody"))

    def account(self, account_id: int | None) -> Name:
        """0 is the caller's own, None is none."""
        if account_id is None:
            return Name("—")
        if account_id == 0:
            return Name(text("account_own"))
        known = self.accounts.get(account_id)
        return Name(known or f"#{account_id}", f"/admin/accounts/{account_id}" if known else "")

    def egress(self, egress_id: int | None) -> str:
        if egress_id is None:
            return text("egress_none")
        return self.egresses.get(egress_id, f"#{egress_id}")


def callers_named(said: str) -> list[str] | None:
    """The codes of whoever is meant: a code, or the name of a user or a key; None for anybody."""
    if not said:
        return None
    if said == NOBODY:
        return [""]
    kind, _, number = said.partition(":")
    if said in _WORDS or (kind in ("user", "key") and number.isdecimal()):
        return [said]
    folded = " ".join(said.casefold().split())
    users = [
        user for user in db.load_users() if folded in (user.name, user.display_name.casefold())
    ]
    keys = [key for key in db.load_api_keys() if key.name.casefold() == folded]
    return [f"user:{user.id}" for user in users] + [f"key:{key.id}" for key in keys]


def accounts_named(said: str) -> list[int] | None:
    """The ids of whatever is meant: a number or a name; None for any."""
    if not said:
        return None
    if said.isdecimal() and said.isascii():
        return [int(said[:18])]
    return db.accounts_named(said, MOST_ACCOUNTS_OF_A_NAME)
