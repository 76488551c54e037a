"""Calls that wait because every account is at work."""

import asyncio
from dataclasses import dataclass

import aiohttp
import pytest

from addons.account_lease import AccountLease
from addons.lending import Lending
from tests.running_mirror import add_account, proxy_in_thread


@dataclass
class Door:
    """The internal listener of a proxy with one account, lent once at a time."""

    url: str
    socket_url: str
    untied: dict[str, str]
    tied: dict[str, str]
    lending: Lending


@pytest.fixture
def door(standin, tmp_path, monkeypatch):
    made, init = [], AccountLease.__init__

    def keep(self, store, jars, lending):
        made.append(lending)
        init(self, store, jars, lending)

    monkeypatch.setattr(AccountLease, "__init__", keep)
    environ = {
        "GROK_CONNECT_TO": standin.connect_to,
        "GROK_CA_FILE": str(standin.ca_file),
        "ACCOUNT_CONCURRENCY": "1",
    }
    with proxy_in_thread(tmp_path, environ) as own:
        account = standin.accounts["super"]
        number = add_account(account.sso, "super", account.user_id)
        own.wait_for_accounts(1)
        url = f"http://127.0.0.1:{own.wiring.internal_listen[1]}"
        untied = {"x-mirror-secret": own.wiring.secret, "x-mirror-caller": "env"}
        tied = {**untied, "x-mirror-account": str(number)}
        socket_url = f"{url}/ws/mgw/?uid={account.user_id}"
        yield Door(url + "/api/auth/session", socket_url, untied, tied, made[0])


async def test_a_caller_who_leaves_the_line_leaves_no_lease_behind(door):
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(door.socket_url, headers=door.tied):
            assert door.lending.open_leases == 1
            soon = aiohttp.ClientTimeout(total=0.5)
            with pytest.raises(TimeoutError):
                await http.get(door.url, headers=door.untied, timeout=soon)
            async with http.get(door.url, headers=door.tied) as free:
                assert free.status == 200, "what is no question waits for nobody"
        async with http.get(door.url, headers=door.untied) as answer:
            assert answer.status == 200
    deadline = asyncio.get_running_loop().time() + 5
    # Another thread's: there is no event to wait for.
    while door.lending.open_leases and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert door.lending.open_leases == 0
