"""`audit-isolation` finds nothing where nothing is, and the hole where one was made."""

import argparse
import json
import re
import time

import pytest

import db
from addons.config_file import read_config
from core.isolation_report import as_json
from supervisor.isolation_audit import CannotAuditError, audited
from tests.loop.shared_account import CONFIG
from tests.loop.test_chat import signed
from tests.running_mirror import ADMIN_PASSWORD, ROOT, add_account, proxy_in_thread, serve


def audit(mirror, *more):
    environ = {
        "DATA_DIR": str(mirror.data_dir),
        "PORT": str(mirror.wiring.proxy_listen[1]),
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
    }
    return serve(environ, "audit-isolation", *more)


def wishes(asker="", against="", *, make=False):
    return argparse.Namespace(asker=asker, against=against, make=make)


def test_nothing_is_found_and_nothing_is_left_behind(mirror, standin):
    before = db.load_users()
    done = audit(mirror, "--json", "--make")
    told = json.loads(done.stdout)
    assert told["failed"] == []
    assert done.returncode == 0
    assert told["ok"] is True
    assert told["tried"] > 700
    assert told["positions"] > 500
    assert db.load_users() == before
    assert db.owned_by("") == []
    (talk,) = standin.control.conversations("super")
    assert talk["temporary"] is True


def test_two_users_who_exist_keep_what_is_theirs(mirror, alice, standin):
    bob = mirror.person("bob", mirror.account_ids["super"])
    said = bob.http.post(
        f"{mirror.url}/rest/app-chat/conversations/new",
        json={"message": "/plain the words of bob", "modeId": "fast"},
        headers=signed(mirror),
    )
    assert said.status_code == 200
    told = set(re.findall(r'"(?:conversationId|responseId)": ?"([^"]+)"', said.text))
    last = time.monotonic() + 5
    # Written down a moment after they were told.
    while not told <= {one.object_id for one in db.owned_by(f"user:{bob.user_id}")}:
        assert time.monotonic() < last
        time.sleep(0.05)
    held, owned = standin.control.held("super"), db.owned_by(f"user:{bob.user_id}")
    assert len(told) > 1
    done = audit(mirror, "--as", "alice", "--against", "bob")
    assert done.returncode == 0, done.stdout
    assert "失败 failed 0" in done.stdout
    assert bob.cookie not in done.stdout
    assert standin.control.held("super") == held
    assert db.owned_by(f"user:{bob.user_id}") == owned


@pytest.mark.parametrize(
    ("asker", "against", "said"),
    [
        ("alice", "", "together"),
        ("alice", "nobody", "no user nobody"),
        ("alice", "alice", "two users"),
    ],
)
def test_what_cannot_be_is_said(mirror, alice, asker, against, said):
    with pytest.raises(CannotAuditError, match=said):
        audited(wishes(asker, against), mirror.settings, CONFIG)


HOLES = {
    '{path: "/rest/app-chat/conversations/{conversation}", methods: GET PUT DELETE, do: own}': (
        '{path: "/rest/app-chat/conversations/{conversation}", methods: GET PUT DELETE}',
        "grok.com/rest/app-chat/conversations/{conversation}",
    ),
    '{path: "/users/{any}/{file}/**", do: own}': (
        '{path: "/users/{any}/{file}/**"}',
        "assets.grok.com/users/{any}/{file}/**",
    ),
}


@pytest.fixture(scope="module")
def broken(one_standin, tmp_path_factory):
    """A mirror whose route table somebody has spoilt."""
    folder = tmp_path_factory.mktemp("spoilt")
    text = (ROOT / "mitm_config.yaml").read_text("utf-8")
    for row, (spoilt, _) in HOLES.items():
        assert row in text, row
        text = text.replace(row, spoilt)
    (folder / "mitm_config.yaml").write_text(text, "utf-8")
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
    }
    with proxy_in_thread(folder, environ, folder / "mitm_config.yaml") as running:
        account = one_standin.accounts["super"]
        running.account_ids["super"] = add_account(account.sso, "super", account.user_id)
        running.wait_for_accounts(1)
        yield running


def test_a_hole_in_the_table_is_found(broken, standin):
    config = read_config(broken.data_dir / "mitm_config.yaml")
    results, notes = audited(wishes(make=True), broken.settings, config)
    told = as_json(results)
    assert told["ok"] is False
    found = {f"{hole['method']} {hole['route']}" for hole in told["failed"]}
    for _, route in HOLES.values():
        assert any(route in line for line in found), (route, found)
    assert "GET grok.com/rest/app-chat/conversations/{conversation}" in found
    others = [line for line in found if not any(route in line for _, route in HOLES.values())]
    assert len(others) < 5, others
    assert notes


def test_an_account_of_ones_own_is_no_place_for_an_audit(broken, standin):
    account_id = broken.account_ids["super"]
    carol, _ = (broken.person(name, account_id) for name in ("carol", "dave"))
    db.make_private(account_id, carol.user_id)
    try:
        with pytest.raises(CannotAuditError, match="an account of his own"):
            audited(wishes("dave", "carol"), broken.settings, CONFIG)
        with pytest.raises(CannotAuditError, match="no account that people share"):
            audited(wishes(), broken.settings, CONFIG)
    finally:
        db.make_private(account_id, None)
