import pytest

from tests.standin.conftest import client


async def test_the_log_shows_what_arrived(standin, page, account):
    await page.get("https://grok.com/rest/x?a=%20b", headers={"X-Xai-Request-Id": "r1"})
    seen = standin.control.requests(host="grok.com", path="/rest/")[-1]
    assert (seen.method, seen.sni, seen.query, seen.status) == ("GET", "grok.com", "a=%20b", 200)
    assert seen.header("x-xai-request-id") == "r1"
    assert seen.cookies["sso-rw"] == account.sso
    assert (seen.account, seen.peer[0]) == ("super", "127.0.0.1")
    standin.control.forget_requests()
    assert standin.control.requests() == []


def test_accounts_come_go_and_come_back(standin):
    added = standin.control.add_account("extra", "heavy")
    assert standin.accounts["extra"] == added
    standin.control.revoke("extra")
    assert standin.accounts["extra"].refusal == "expired"
    standin.control.restore("extra")
    assert standin.accounts["extra"].refusal == ""
    standin.control.reset()
    assert set(standin.accounts) == {"free", "super", "heavy", "spare", "blocked"}
    assert standin.accounts["blocked"].refusal == "blocked"


def test_tokens_look_like_the_real_ones_and_differ(standin):
    tokens = {account.sso for account in standin.accounts.values()}
    assert len(tokens) == 5
    assert all(token.startswith("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.") for token in tokens)


def test_reset_returns_to_the_switches_of_the_start(standin):
    assert standin.control.switch(echo=True)["echo"] is True
    standin.control.reset()
    switches = standin.control.switch()
    assert (switches["echo"], switches["gap_s"]) == (False, 0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda control: control.switch(no_such_switch=1),
        lambda control: control.revoke("nobody"),
        lambda control: control.refuse("super", "tired"),
        lambda control: control.add_account("x", "platinum"),
        lambda control: control.set_quota("super", "heavy", 1),
    ],
)
def test_wrong_names_are_said(standin, wrong):
    with pytest.raises(ValueError, match=r"\w+Error: "):
        wrong(standin.control)


def test_waiting_with_no_stream_open_is_immediate(standin):
    assert standin.control.wait_for_stream_end(timeout=0.1)
    assert standin.control.conversations("super") == []


async def test_latency_delays_every_answer(standin, page):
    standin.control.switch(latency_ms=5)
    assert (await page.get("https://grok.com/rest/x")).status == 200
    async with client(standin) as another:
        assert (await another.get("https://cdn.grok.com/")).status == 404
