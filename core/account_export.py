"""Accounts to text: JSON that imports again, bare lines, and a table without a secret.

The table is meant for spreadsheets, which run what begins like a formula; such cells get a quote in
front.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from core.account_import.documents import OUR_FORMAT
from core.account_import.values import ImportedAccount
from core.sso_token import token_hash

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
_COLUMNS = ("name", "email", "tier", "pool", "tags", "note", "enabled", "user_id", "sso_sha256_8")

type Write = Callable[[Sequence[ImportedAccount]], str]


def as_json(accounts: Sequence[ImportedAccount]) -> str:
    """With the SSO tokens: whoever has the file has the accounts."""
    pools = sorted({account.pool for account in accounts if account.pool})
    whole = {"format": OUR_FORMAT, "accounts": [_entry(one) for one in accounts], "pools": pools}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def as_lines(accounts: Sequence[ImportedAccount]) -> str:
    """With the SSO tokens, one a line."""
    return "".join(f"{account.sso_token}\n" for account in accounts)


def as_table(accounts: Sequence[ImportedAccount]) -> str:
    """Without any secret; the mark in front tells Excel that it is UTF-8."""
    sheet = io.StringIO()
    rows = csv.writer(sheet, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    rows.writerows(_row(account) for account in accounts)
    return "\ufeff" + sheet.getvalue()


FORMATS: Mapping[str, Write] = MappingProxyType({"json": as_json, "txt": as_lines, "csv": as_table})


def _entry(account: ImportedAccount) -> dict[str, object]:
    entry: dict[str, object] = {
        "name": account.name,
        "email": account.email,
        "sso_token": account.sso_token,
        "cookies": dict(account.cookies),
        "user_agent": account.user_agent,
        "upstream_user_id": account.upstream_user_id,
        "tier": account.tier,
        "tags": list(account.tags),
        "note": account.note,
        "pool": account.pool,
    }
    kept = {name: value for name, value in entry.items() if value}
    return kept if account.enabled else kept | {"enabled": False}


def _row(account: ImportedAccount) -> Iterable[str]:
    cells = (
        account.name,
        account.email or "",
        account.tier,
        account.pool,
        ", ".join(account.tags),
        account.note,
        "yes" if account.enabled else "no",
        account.upstream_user_id or "",
        token_hash(account.sso_token)[:8],
    )
    return (_harmless(cell) for cell in cells)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u00a0\u3000").startswith(_FORMULA) else cell
