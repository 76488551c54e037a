"""The admin password: the environment's always wins, else one is made at the first start."""

import hmac
import secrets

from core.settings import Settings
from db.connection import call, writing
from db.passwords import hash_password, verify_password
from db.tables import SettingRow

_NAME = "admin_password_hash"


@call
def ensure_admin_password(settings: Settings) -> str | None:
    """A new password to print once, or None when there is one already; only its hash is kept."""
    if settings.admin_password:
        return None
    if SettingRow.get_or_none(SettingRow.name == _NAME) is not None:
        return None
    password = secrets.token_urlsafe(16)
    digest = hash_password(password)
    with writing():
        SettingRow.insert(name=_NAME, value=digest).on_conflict_ignore().execute()
        stored = SettingRow.get(SettingRow.name == _NAME).value
    return password if stored == digest else None


@call
def renew_admin_password() -> str:
    """Replace a forgotten one; of no effect while ADMIN_PASSWORD is set."""
    password = secrets.token_urlsafe(16)
    digest = hash_password(password)
    with writing():
        SettingRow.delete().where(SettingRow.name == _NAME).execute()
        SettingRow.create(name=_NAME, value=digest)
    return password


@call
def is_admin_password(settings: Settings, password: str) -> bool:
    """Whether this is the admin password; the same for any wrong one, empty ones included."""
    if not password:
        return False
    if settings.admin_password:
        return hmac.compare_digest(_bytes(settings.admin_password), _bytes(password))
    row = SettingRow.get_or_none(SettingRow.name == _NAME)
    return verify_password(None if row is None else row.value, password)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
