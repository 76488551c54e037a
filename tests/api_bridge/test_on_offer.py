"""What a caller is shown depends on the accounts there are."""

import pytest

from api_bridge.models import ModelTable
from api_bridge.on_offer import OnOffer
from api_bridge.ports import Caller

KEY, OWN = Caller("key", "1"), Caller("sso", sso_token="t" * 30)


def offered(tiers: set[str], caller: Caller = KEY, transport: str = "auto") -> set[str]:
    table, is_on_offer = ModelTable(), OnOffer(transport, lambda: tiers).of(caller)
    return {name for name in table.names() if is_on_offer(table.resolve(name))}


def test_without_accounts_there_is_nothing() -> None:
    assert offered(set()) == set()
    assert "grok-heavy" in offered(set(), OWN), "what his own account has is not known"


@pytest.mark.parametrize(("tiers", "heavy"), [({"super"}, False), ({"super", "heavy"}, True)])
def test_heavy_needs_an_account_that_has_it(tiers: set[str], heavy: bool) -> None:
    found = offered(tiers)
    assert ("grok-heavy" in found) is heavy
    assert {"grok-4", "grok-fast", "grok-3-deepsearch"} <= found


def test_deep_search_needs_the_older_transport() -> None:
    lost = offered({""}) - offered({""}, transport="mgw")
    assert lost == {"grok-3-deepsearch", "grok-3-deepersearch"}
