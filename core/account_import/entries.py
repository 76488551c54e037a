"""One entry of named fields (an object of JSON, a row of CSV) to an account.

Knows every name the neighbours use for a field, and what a field may hold: whatever could break a
header, a page or a spreadsheet is dropped here. Passwords are never looked at.
"""

import re
from collections.abc import Mapping

from core.account_import.values import Finding, ImportedAccount, Malformed, Reason, Skipped
from core.sso_token import (
    MalformedTokenError,
    PastedAccount,
    cookie_pairs,
    is_cookie_value,
    parse_pasted,
)

_FIELDS = {
    "token": ("sso_token", "sso", "token", "sso令牌", "令牌", "cookie", "official_session"),
    "sso_rw": ("sso_rw",),
    "cookies": ("cookies",),
    "cloudflare": ("cloudflare_cookies", "cf_cookies"),
    "clearance": ("cf_clearance",),
    "user_agent": ("user_agent", "ua", "浏览器"),
    "name": ("name", "名称", "名字", "title"),
    "email": ("email", "mail", "邮箱", "邮箱地址", "电子邮箱", "账号"),
    "user_id": ("upstream_user_id", "user_id", "x_userid"),
    "tier": ("tier", "plan", "类型", "套餐", "is_pro", "type"),
    "tags": ("tags", "tag", "标签"),
    "note": ("note", "remark", "notes", "remarks", "备注", "说明"),
    "pool": ("pool", "pools", "号池", "group", "分组"),
    "enabled": ("enabled", "启用"),
    "provider": ("provider",),
    "oauth": ("refresh_token", "access_token", "oauth"),
}
_TIERS = {
    "basic": ("basic", "free", "normal", "ssobasic", "ssonormal", "false", "0", "普通", "免费"),
    "super": ("super", "supergrok", "ssosuper", "pro", "plus", "premium", "true", "1", "超级"),
    "heavy": ("heavy", "supergrokheavy", "superheavy", "ssoheavy"),
}
_TIER_OF = {word: tier for tier, words in _TIERS.items() for word in words}
_OFF = ("false", "0", "no", "off", "否", "停用")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{1,512}")
_EMAIL = re.compile(r"[^\s@,;<>\"']{1,64}@[^\s@,;<>\"']{1,190}")
_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)


def key(name: object) -> str:
    """A field's name as it is compared: `SSO Token`, `sso_token` and `ssoToken` are one."""
    return re.sub(r"[\s_-]+", "", str(name)).casefold()


_FIELD_OF = {key(alias): field for field, names in _FIELDS.items() for alias in names}
_RANK = {key(alias): rank for names in _FIELDS.values() for rank, alias in enumerate(names)}


def field_of(name: str) -> str | None:
    """Which field a column or key means, or None."""
    return _FIELD_OF.get(key(name))


def tier_of(value: object) -> str:
    """basic, super, heavy or nothing."""
    return _TIER_OF.get(_word(value), "")


def from_entry(place: int, entry: Mapping[str, object], tier: str = "") -> Finding:
    """The account of an entry, or why it is none; `tier` is what its surroundings say."""
    fields = _named(entry)
    if _word(fields.get("provider")) == "grokbuild":
        return Skipped(place, Reason.OAUTH)
    token = _text(fields.get("token"), 20_000) or _cookie_text(fields.get("cookies"))
    if not token:
        oauth = "oauth" in fields
        return Skipped(place, Reason.OAUTH) if oauth else Malformed(place, Reason.NO_TOKEN)
    try:
        pasted = parse_pasted(token)
    except MalformedTokenError as reason:
        return Malformed(place, Reason(str(reason)))
    return _account(place, pasted, fields, tier)


def from_text(place: int, text: str, tier: str = "") -> Finding:
    """The account of a bare token or a cookie string."""
    return from_entry(place, {"sso_token": text}, tier) if text else Malformed(place, Reason.EMPTY)


def _account(
    place: int, pasted: PastedAccount, fields: Mapping[str, object], tier: str
) -> ImportedAccount:
    return ImportedAccount(
        place=place,
        sso_token=pasted.sso_token,
        cookies=_cookies(pasted, fields),
        user_agent=_matching(_HEADER_VALUE, fields.get("user_agent")),
        name=_text(fields.get("name"), 80),
        email=_matching(_EMAIL, fields.get("email")),
        upstream_user_id=pasted.upstream_user_id or _matching(_ID, fields.get("user_id")),
        tier=tier_of(fields.get("tier")) or tier,
        tags=_tags(fields.get("tags")),
        note=_text(fields.get("note"), 500),
        pool=_text(fields.get("pool"), 80),
        enabled=_word(fields.get("enabled")) not in _OFF,
    )


def _named(entry: Mapping[str, object]) -> dict[str, object]:
    """The entry under our names; of two names for one field the better known one counts."""
    ranked = sorted(entry.items(), key=lambda item: -_RANK.get(key(item[0]), 0))
    known = ((field_of(name), value) for name, value in ranked)
    return {field: value for field, value in known if field and value not in (None, "")}


def _cookies(pasted: PastedAccount, fields: Mapping[str, object]) -> dict[str, str]:
    given = {"sso-rw": _text(fields.get("sso_rw"), 5_000)}
    given |= _pairs(fields.get("cloudflare")) | _pairs(fields.get("cookies"))
    given |= (
        {"cf_clearance": _text(fields.get("clearance"), 5_000)} if "clearance" in fields else {}
    )
    kept = {
        name: value
        for name, value in given.items()
        if name in ("sso-rw", "cf_clearance") and is_cookie_value(value)
    }
    if kept.get("sso-rw") == pasted.sso_token:
        del kept["sso-rw"]
    return kept | dict(pasted.extra_cookies)


def _word(value: object) -> str:
    return key(value) if isinstance(value, str | int) else ""


def _pairs(value: object) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(name): _text(one, 5_000) for name, one in value.items()}
    return cookie_pairs(value) if isinstance(value, str) else {}


def _cookie_text(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={_text(one, 5_000)}" for name, one in value.items())[:20_000]
    return _text(value, 20_000)


def _text(value: object, longest: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _CONTROLS.sub(" ", str(value)[: longest * 2]).strip()[:longest]


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    text = _text(value, 600)
    return text if pattern.fullmatch(text) else None


def _tags(value: object) -> tuple[str, ...]:
    parts = re.split(r"[,;，；、]", value[:2_000]) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return ()
    tags = (_text(part, 40) for part in parts[:20])
    return tuple(dict.fromkeys(tag for tag in tags if tag))
