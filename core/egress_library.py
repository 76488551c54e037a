"""One entry of the library of egresses: an outbound proxy with its health, as stored.

How an address is parsed and which egress is chosen is the business of `core.egress`.
"""

from dataclasses import dataclass

from core.egress import EgressSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """An outbound proxy that accounts can be bound to."""

    id: int
    spec: EgressSpec
    source: str
    """`env` for PROXY_URL_POOL, `operator` for what was entered in the admin pages."""
    enabled: bool = True
    cooling_until: float = 0.0
    failures: int = 0
    last_error: str = ""

    def is_cooling(self, now: float) -> bool:
        return self.cooling_until > now
