"""What a request held is gone with it, and no collector has to come by."""

import gc
import time

import pytest
from mitmproxy.http import HTTPFlow

from standin.server import Standin
from tests.running_mirror import add_account, proxy_in_thread

pytestmark = pytest.mark.loop


def flows():
    return [each for each in gc.get_objects() if isinstance(each, HTTPFlow)]


@pytest.fixture
def alice(tmp_path):
    with Standin.start() as standin:
        seam = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": str(standin.ca_file)}
        with proxy_in_thread(tmp_path, seam) as mirror:
            account = standin.accounts["super"]
            alice = mirror.person("alice", add_account(account.sso, "super", account.user_id))
            mirror.wait_for_accounts(1)
            yield alice, mirror.url


@pytest.mark.parametrize("path", ["/healthz", "/-/nothing", "/api/auth/session"])
def test_a_finished_flow_is_freed_without_the_collector(alice, path):
    person, url = alice
    person.http.get(url + path)  # with what the first one leaves behind
    gc.collect()
    before = len(flows())
    gc.disable()
    try:
        for _ in range(3):
            assert person.http.get(url + path, timeout=10).status_code < 500
        deadline = time.monotonic() + 3
        while len(flows()) > before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(flows()) <= before
    finally:
        gc.enable()
