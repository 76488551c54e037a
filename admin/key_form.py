"""What an operator may write about an API key. An empty field means no limit."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from werkzeug.datastructures import MultiDict

import db
from admin.language import text
from core.api_key import (
    ApiKey,
    ApiKeyError,
    KeyRules,
    key_name,
    parse_addresses,
    parse_expiry,
    parse_models,
)

NUMBERS = ("per_minute", "concurrency", "day_limit", "month_limit")
_MOST = 10**9


class KeyFormError(ValueError):
    """What is wrong, in the operator's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyForm:
    """A filled-in form."""

    name: str
    rules: KeyRules
    user_id: int | None

    @classmethod
    def parse(cls, form: MultiDict[str, str], now: float, known: ApiKey | None = None) -> Self:
        """Raises KeyFormError; `known` is the key that is changed."""
        numbers = {name: _number(form, name) for name in NUMBERS}
        return cls(
            name=_part(key_name, form.get("name", ""), "key_name_wrong"),
            rules=KeyRules(
                models=_part(parse_models, form.get("models", ""), "key_models_wrong"),
                pools=_pools(form.getlist("pool")),
                expires_at=_expiry(form.get("expires", "").strip(), now, known),
                networks=_part(parse_addresses, [form.get("networks", "")], "key_networks_wrong"),
                **numbers,
            ),
            user_id=_owner(form.get("user", "")),
        )


def filled_in(key: ApiKey) -> dict[str, str]:
    """What the fields show of a key as it is."""
    rules = key.rules
    said = {name: getattr(rules, name) for name in NUMBERS}
    return {
        "name": key.name,
        "models": ", ".join(rules.models),
        "expires": _day(rules.expires_at),
        "networks": ", ".join(str(_short(network)) for network in rules.networks),
        **{name: "" if number is None else str(number) for name, number in said.items()},
    }


def _part[W, P](parse: Callable[[W], P], said: W, problem: str) -> P:
    try:
        return parse(said)
    except ApiKeyError:
        raise KeyFormError(text(problem)) from None


def _number(form: MultiDict[str, str], name: str) -> int | None:
    said = form.get(name, "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and int(said) < _MOST):
        raise KeyFormError(text("key_number_wrong", what=text(f"key_{name}")))
    return int(said)


def _expiry(said: str, now: float, known: ApiKey | None) -> float | None:
    """A date that is left as it stands keeps its hour, even when it is over."""
    if not said:
        return None
    if known and said == _day(known.rules.expires_at):
        return known.rules.expires_at
    return _part(lambda words: parse_expiry(words, now), said, "key_expires_wrong")


def _pools(said: list[str]) -> frozenset[int]:
    known = {str(pool.id): pool.id for pool in db.load_pools()}
    if any(number not in known for number in said):
        raise KeyFormError(text("form_gone"))
    return frozenset(known[number] for number in said)


def _owner(said: str) -> int | None:
    if not said:
        return None
    user = db.load_user(int(said)) if said.isdecimal() and len(said) < 18 else None
    if user is None:
        raise KeyFormError(text("form_gone"))
    return user.id


def _day(moment: float | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def _short(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> object:
    """A single address without its mask."""
    return network.network_address if network.num_addresses == 1 else network
