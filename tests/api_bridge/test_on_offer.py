"""What a caller is shown depends on the accounts there are."""

import time
from pathlib import Path

import pytest

import db
from api_bridge.models import ModelTable
from api_bridge.on_offer import OnOffer
from api_bridge.ports import Caller
from core.api_key import KeyRules
from core.settings import Settings
from core.sso_token import PastedAccount
from tests.ready_folder import copy_ready_folder

KEY, OWN = Caller("key", "1"), Caller("sso", sso_token="t" * 30)


def offered(tiers: set[str], caller: Caller = KEY, transport: str = "auto") -> set[str]:
    table, is_on_offer = ModelTable(), OnOffer(transport, lambda _: tiers).of(caller)
    return {name for name in table.names() if is_on_offer(table.resolve(name))}


def test_without_accounts_there_is_nothing() -> None:
    assert offered(set()) == set()
    assert "grok-heavy" in offered(set(), OWN), "what his own account has is not known"


@pytest.mark.parametrize(("tiers", "heavy"), [({"super"}, False), ({"super", "heavy"}, True)])
def test_heavy_needs_an_account_that_has_it(tiers: set[str], heavy: bool) -> None:
    found = offered(tiers)
    assert ("grok-heavy" in found) is heavy
    assert {"grok-4", "grok-fast", "grok-3-deepsearch"} <= found


def test_a_key_of_a_pool_is_offered_what_is_in_the_pool(tmp_path: Path) -> None:
    db.open_database(Settings(data_dir=copy_ready_folder(tmp_path / "data")))
    try:
        ids = [db.add_account(PastedAccount(sso_token=f"{n}" * 30), name=f"a{n}").id for n in "12"]
        for number, tier in zip(ids, ("super", "heavy"), strict=True):
            db.account_tested(number, "ok", learnt={"tier": tier})
        pool = db.add_pool("small")
        db.put_in_pool(pool.id, ids[:1])
        db.add_api_key("bound", KeyRules(pools=frozenset({pool.id})), time.time())
        db.add_api_key("free", KeyRules(), time.time())
        table, offer = ModelTable(), OnOffer("auto")
        heavy = table.resolve("grok-heavy")
        assert [offer.of(Caller("key", n))(heavy) for n in ("1", "2")] == [False, True]
        assert offer.of(Caller("key", "1"))(table.resolve("grok-fast"))
        assert not offer.of(Caller("key", "99"))(table.resolve("grok-fast")), "it is gone"
    finally:
        db.close_database()


def test_deep_search_needs_the_older_transport() -> None:
    lost = offered({""}) - offered({""}, transport="mgw")
    assert lost == {"grok-3-deepsearch", "grok-3-deepersearch"}
