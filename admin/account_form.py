"""What an operator may write about an account. Cookies go in and never come out: an empty field
keeps what is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import db
from admin.language import text
from core.account import Account
from core.cookies import SSO_NAMES, parse_cookie_header

_LONGEST = {"name": 80, "remark": 200, "user_agent": 500, "tags": 200}
_LONGEST_COOKIES = 8192


class FormError(ValueError):
    """What is wrong, in the operator's language; repeats nothing secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """A filled-in form; `cookies` is None to keep them, empty to remove them."""

    name: str
    remark: str
    tags: str
    user_agent: str
    egress_id: int | None
    private_to: int | None
    cookies: Mapping[str, str] | None = field(repr=False)

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> Self:
        """Raises FormError."""
        name = _line(form, "name")
        if not name:
            raise FormError(text("form_name_missing"))
        return cls(
            name=name,
            remark=_line(form, "remark"),
            tags=" ".join(dict.fromkeys(_line(form, "tags").split())),
            user_agent=_user_agent(form),
            egress_id=_one_of(form, "egress", [egress.id for egress in db.load_egresses()]),
            private_to=_one_of(form, "private_to", [user.id for user in db.load_users()]),
            cookies={} if form.get("forget_cookies") else _cookies(form.get("cookies", "")),
        )

    def apply(self, account: Account) -> None:
        """Write it down."""
        db.change_accounts(
            [account.id],
            name=self.name,
            remark=self.remark,
            tags=self.tags,
            user_agent=self.user_agent or None,
            egress_id=self.egress_id,
            private_to=self.private_to,
        )
        if self.cookies is not None:
            db.set_extra_cookies(account.id, self.cookies)


def _line(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[: _LONGEST[name]]


def _user_agent(form: Mapping[str, str]) -> str:
    said = _line(form, "user_agent")
    if not (said.isascii() and said.isprintable()):
        raise FormError(text("form_user_agent_wrong"))
    return said


def _one_of(form: Mapping[str, str], name: str, known: list[int]) -> int | None:
    said = form.get(name, "")
    if not said:
        return None
    if not said.isdecimal() or int(said) not in known:
        raise FormError(text("form_gone"))
    return int(said)


def _cookies(said: str) -> dict[str, str] | None:
    cleaned = said.strip().removeprefix("Cookie:").strip()
    if not cleaned:
        return None
    parts = [part for part in cleaned.split(";") if part.strip()]
    pairs = parse_cookie_header(cleaned)
    if len(pairs) < len(parts) or len(cleaned) > _LONGEST_COOKIES:
        raise FormError(text("form_cookies_wrong"))
    return {name: value for name, value in pairs if name not in SSO_NAMES or name == "sso-rw"}
