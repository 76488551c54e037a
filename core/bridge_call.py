"""What the bridge asks of the proxy beside the request itself: on whose behalf, and which account.

The bridge names accounts by number only. The one token it ever passes is a caller's own, which
is used for that one call and stored nowhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.account import Account

CALLER = b"x-mirror-caller"
ACCOUNT = b"x-mirror-account"
AVOID = b"x-mirror-avoid"
SSO = b"x-mirror-sso"
MODE = b"x-mirror-mode"
STICKY = b"x-mirror-sticky"

OPERATOR = "operator"
"""The caller of the admin page's tests: he means one account, whatever state it is in."""

_CALLER = re.compile(r"(?:key|user):\d{1,18}|env|sso|operator")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{20,16384}")
_PLAIN = (CALLER, ACCOUNT, AVOID, MODE, STICKY)
_NAME = re.compile(r"[\w.-]{0,60}", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class BridgeCall:
    """One call: `account_id` when a conversation ties it, `avoid` what has failed already."""

    caller: str
    account_id: int | None = None
    avoid: frozenset[int] = frozenset()
    sso_token: str = field(default="", repr=False)
    mode: str = ""
    """The mode it will ask for, so that an account is lent that has some left in it."""
    sticky: str = ""
    """Calls of one key are best lent the same account: the upstream knows their beginnings."""

    @property
    def own_account(self) -> Account | None:
        """The caller's own account, when he brought a token of his own."""
        if not self.sso_token:
            return None
        return Account(id=Account.NOT_STORED, name="sso", sso_token=self.sso_token)


def parse_bridge_call(headers: Mapping[bytes, bytes]) -> BridgeCall | None:
    """From lower-case header names; None when it is not a call the bridge would make."""
    values = {name: headers.get(name, b"").decode("latin-1") for name in _PLAIN}
    token = headers.get(SSO, b"").decode("latin-1")
    avoid = [part.strip() for part in values[AVOID].split(",") if part.strip()]
    well_formed = (
        _CALLER.fullmatch(values[CALLER])
        and all(map(_NUMBER.fullmatch, avoid))
        and (not values[ACCOUNT] or _NUMBER.fullmatch(values[ACCOUNT]))
        and _NAME.fullmatch(values[MODE])
        and _NAME.fullmatch(values[STICKY])
        and (not token or _TOKEN.fullmatch(token))
        and (values[CALLER] == "sso") == bool(token)
        and (values[CALLER] != OPERATOR or values[ACCOUNT])
    )
    if not well_formed:
        return None
    account_id = int(values[ACCOUNT]) if values[ACCOUNT] else None
    return BridgeCall(
        values[CALLER],
        account_id,
        frozenset(map(int, avoid)),
        token,
        mode=values[MODE],
        sticky=values[STICKY],
    )
