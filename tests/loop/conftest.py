"""One stand-in for the session, one mirror for each module that asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from standin.server import Standin
from tests.loop.bridge import LISTENERS
from tests.running_mirror import Person, RunningMirror, add_account, running_mirror


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.loop)


@pytest.fixture(scope="session")
def one_standin() -> Iterator[Standin]:
    with Standin.start() as standin:
        yield standin


@pytest.fixture
def standin(one_standin: Standin) -> Standin:
    """As new: no log, no conversations, all switches at rest and quick tokens."""
    one_standin.control.reset()
    one_standin.control.switch(token_delay_ms=2)
    return one_standin


@pytest.fixture(autouse=True)
def no_listener_left() -> Iterator[None]:
    """Connections that a port to Grok has kept end with the test."""
    yield
    while LISTENERS:
        LISTENERS.pop().close()


@pytest.fixture(scope="module")
def mirror(
    one_standin: Standin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningMirror]:
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
    }
    with running_mirror(tmp_path_factory.mktemp("mirror"), environ) as running:
        for name in ("super", "heavy"):
            account = one_standin.accounts[name]
            running.account_ids[name] = add_account(account.sso, name, account.user_id)
        running.wait_for_accounts(2)
        yield running


@pytest.fixture
def alice(mirror: RunningMirror, standin: Standin) -> Person:
    return mirror.person("alice", mirror.account_ids["super"])


@pytest.fixture
def bob(mirror: RunningMirror, standin: Standin) -> Person:
    return mirror.person("bob", mirror.account_ids["heavy"])
