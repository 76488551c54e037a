"""Every hook of every step made to raise, in the real proxy: either Grok sees nothing, or the
client sees nothing of Grok."""

import time
from dataclasses import dataclass

import pytest
import requests

import db
from addons import main
from addons.chain import Chain
from tests.running_mirror import add_account, proxy_in_thread


class Breakable:
    """A step that raises in `hook` when told to."""

    broken: tuple[str, str] | None = None
    fired = False

    def __init__(self, step):
        self._step = step
        self._name = type(step).__name__

    def __getattr__(self, hook):
        method = getattr(self._step, hook)

        def call(*args):
            if Breakable.broken == (self._name, hook):
                Breakable.fired = True
                raise RuntimeError("broken on purpose")
            return method(*args)

        return call


@dataclass
class Ways:
    """Into the proxy, by an account of one's own and by one that is shared."""

    url: str
    alone: str
    sharing: str


@pytest.fixture(scope="module")
def proxy(one_standin, tmp_path_factory):
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
    }
    whole = main.build_steps
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "build_steps", lambda parts: [Breakable(s) for s in whole(parts)])
        with proxy_in_thread(tmp_path_factory.mktemp("breakable"), environ) as mirror:
            account = one_standin.accounts["super"]
            account_id = add_account(account.sso, "super", account.user_id)
            other = one_standin.accounts["heavy"]
            shared_id = add_account(other.sso, "heavy", other.user_id)
            mirror.wait_for_accounts(2)
            alice, bob = mirror.person("alice", account_id), mirror.person("bob", shared_id)
            db.make_private(account_id, alice.user_id)
            time.sleep(1.5)  # the proxy looks once a second
            yield Ways(mirror.url, alone=alice.cookie, sharing=bob.cookie)


def steps_with(*hooks):
    """All (step, hook) pairs of the real chain."""
    from addons.account_cookies import AccountCookies
    from addons.account_lease import AccountLease
    from addons.answer_headers import AnswerHeaders
    from addons.bodies import Bodies
    from addons.callers import Callers
    from addons.deadlines import Deadlines
    from addons.departure import Departure
    from addons.egress import Egress
    from addons.gate import Gate
    from addons.house_rules import HouseRules
    from addons.request_bodies import RequestBodies
    from addons.upstream import Upstream

    steps = [
        Gate, Callers, HouseRules, AccountLease, Upstream, Departure, Egress, RequestBodies,
        AccountCookies, AnswerHeaders, Bodies, Deadlines,
    ]  # fmt: skip
    return [(s.__name__, h) for s in steps for h in hooks if hasattr(s, h)]


def ask(url, cookie, path="/api/auth/session", json=None):
    # A connection of its own: a reused one would not dial, and its hooks would not run.
    return requests.request(
        "POST" if json else "GET",
        url + path,
        json=json,
        headers={"cookie": f"mirror_session={cookie}", "connection": "close"},
        timeout=10,
    )


@pytest.mark.parametrize(
    ("step", "hook"),
    steps_with("requestheaders", "request", "server_connect"),
)
def test_before_the_upstream_is_asked(proxy, standin, step, hook):
    Breakable.broken, Breakable.fired = (step, hook), False
    try:
        answer = ask(proxy.url, proxy.alone)
    finally:
        Breakable.broken = None
    assert Breakable.fired
    assert answer.status_code in (502, 503)
    assert standin.control.requests(host="grok.com") == []


LIST = "/rest/app-chat/conversations?pageSize=5"
NEW = "/rest/app-chat/conversations/new"


@pytest.mark.parametrize(
    ("step", "hook", "path"),
    [
        ("Isolation", "requestheaders", LIST),
        ("Isolation", "request", NEW),
        ("IsolatedSockets", "requestheaders", LIST),
        ("KeptSettings", "request", LIST),
        ("OwnLists", "request", LIST),
        ("ChatRules", "request", NEW),
    ],
)
def test_what_keeps_people_apart_fails_closed(proxy, standin, step, hook, path):
    Breakable.broken, Breakable.fired = (step, hook), False
    try:
        answer = ask(proxy.url, proxy.sharing, path, json={"message": "x"} if path == NEW else None)
    finally:
        Breakable.broken = None
    assert Breakable.fired
    assert answer.status_code == 502
    assert standin.control.requests(host="grok.com") == []


def test_a_page_that_cannot_be_filtered_is_not_shown(proxy, standin):
    standin.control.plant("heavy", "conversation", title="Somebody's")
    assert ask(proxy.url, proxy.sharing, "/").status_code == 200
    Breakable.broken, Breakable.fired = ("Isolation", "responseheaders"), False
    try:
        answer = ask(proxy.url, proxy.sharing, "/")
    finally:
        Breakable.broken = None
    assert Breakable.fired
    assert answer.status_code == 502
    assert "Somebody" not in answer.text


@pytest.mark.parametrize(("step", "hook"), steps_with("responseheaders"))
def test_after_it_has_answered(proxy, standin, step, hook):
    url, cookie = proxy.url, proxy.alone
    user_id = standin.accounts["super"].user_id
    assert user_id in ask(url, cookie).text
    Breakable.broken, Breakable.fired = (step, hook), False
    try:
        answer = ask(url, cookie)
    finally:
        Breakable.broken = None
    assert Breakable.fired
    assert answer.status_code == 502
    assert user_id not in answer.text


def test_a_body_filter_that_raises_cuts_the_answer(proxy, standin, monkeypatch):
    from addons import bodies

    class Broken:
        def __init__(self, *_):
            pass

        def feed(self, data):
            raise RuntimeError("broken on purpose")

        def flush(self):
            return b""

    monkeypatch.setattr(bodies, "JsonRewriter", Broken)
    with pytest.raises(requests.RequestException):
        ask(proxy.url, proxy.alone)


def test_hooks_nobody_covers_are_noticed():
    """A hook that mitmproxy knows and a step has, but the chain does not forward, would sleep."""
    from mitmproxy import eventsequence, hooks

    forwarded = {name for name in dir(Chain) if not name.startswith("_")}
    known = set(hooks.all_hooks)
    assert eventsequence
    for step, hook in steps_with(*known):
        assert hook in forwarded | {"running"}, (step, hook)
