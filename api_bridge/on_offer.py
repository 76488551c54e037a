"""Which models the pool can serve now: what accounts there are, and what their plans include.

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
        self, transport: str, tiers: Callable[[], Collection[str]] = db.tiers_on_offer
    ) -> None:
        self._knows_deepsearch = transport != "mgw"
        self._tiers = tiers

    def of(self, caller: Caller) -> Callable[[ModelChoice], bool]:
        """Whether a model can be had; of what a caller's own account has, nothing is known."""
        tiers = {""} if caller.kind == "sso" else self._tiers()

        def is_on_offer(model: ModelChoice) -> bool:
            may_search = self._knows_deepsearch or not model.deepsearch
            return may_search and is_served(model.mode, tiers)

        return is_on_offer
