"""The list's address, and the one word for an account's state."""

import pytest

from core.account import Account, AccountStatus
from core.account_list import AccountQuery, AccountState, Sort, state_of

NOW = 1000.0


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, AccountState.USABLE),
        ({"status": AccountStatus.OK}, AccountState.USABLE),
        ({"cooling_until": NOW + 1}, AccountState.COOLING),
        ({"cooling_until": NOW}, AccountState.USABLE),
        ({"status": AccountStatus.CHALLENGED}, AccountState.CHALLENGED),
        ({"status": AccountStatus.SIGNED_OUT, "cooling_until": NOW + 1}, AccountState.DEAD),
        ({"status": AccountStatus.BLOCKED}, AccountState.DEAD),
        ({"enabled": False, "status": AccountStatus.BLOCKED}, AccountState.DISABLED),
        ({"enabled": False, "deleted_at": 1.0}, AccountState.DELETED),
    ],
)
def test_the_state_that_matters_most(values: dict[str, object], state: AccountState) -> None:
    account = Account(id=1, name="a", sso_token="t", **values)  # type: ignore[arg-type]
    assert state_of(account, NOW) is state


def test_an_address_says_all() -> None:
    query = AccountQuery(
        search="bob &",
        state=AccountState.DEAD,
        tier="super",
        egress_id=3,
        sort=Sort.USED,
        descending=True,
        page=4,
        size=50,
    )
    assert AccountQuery.parse(query.arguments()) == query
    assert query.url(page=4).startswith("?q=bob+%26&state=dead")
    assert "page" not in query.url(state=None), "another filter starts at the first page"
    assert AccountQuery().url() == "?"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"page": "0"},
        {"page": "x"},
        {"size": "7"},
        {"state": "odd"},
        {"sort": "token"},
        {"q": " "},
    ],
)
def test_nonsense_is_the_default(arguments: dict[str, str]) -> None:
    query = AccountQuery.parse(arguments)
    assert query == AccountQuery()
    assert not query.is_narrowed
