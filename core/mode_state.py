"""What is known of one account in one mode: its quota and its rest. Mode "" is the account."""

from dataclasses import dataclass

from core.quota import UNKNOWN, Quota
from core.rests import WELL, Rest

ALL_MODES = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeState:
    """`changed_at` orders what two proxy processes have learnt of the same account."""

    account_id: int
    mode: str = ALL_MODES
    quota: Quota = UNKNOWN
    rest: Rest = WELL
    changed_at: float = 0.0
