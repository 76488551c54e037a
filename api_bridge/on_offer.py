"""Which models a caller can be served now: which accounts he reaches, and what their plans include.

A limit that is used up takes nothing off the list: it comes back, and clients keep the list.
"""

from collections.abc import Callable, Collection

import db
from api_bridge.models import ModelChoice
from api_bridge.ports import Caller
from core.pool_choice import is_served


class OnOffer:
    """The real `Offer`; asked once for each list."""

    def __init__(
        self, transport: str, tiers: Callable[[str], Collection[str]] | None = None
    ) -> None:
        self._knows_deepsearch = transport != "mgw"
        self._tiers = tiers or _tiers_within_reach

    def of(self, caller: Caller) -> Callable[[ModelChoice], bool]:
        """Whether a model can be had; of what a caller's own account has, nothing is known."""
        tiers = {""} if caller.kind == "sso" else self._tiers(caller.name)

        def is_on_offer(model: ModelChoice) -> bool:
            may_search = self._knows_deepsearch or not model.deepsearch
            return may_search and is_served(model.mode, tiers)

        return is_on_offer


def _tiers_within_reach(caller: str) -> Collection[str]:
    reach = db.load_people().reach_of_caller(caller)
    return db.tiers_on_offer(reach) if reach else ()
