"""A user who shares an account reads himself where its owner stood."""

import json

from core.account_mask import masked

USER = {
    "userId": "u-1",
    "email": "operator@example.org",
    "emailDomain": "example.org",
    "givenName": "Op",
    "familyName": "Erator",
    "profileImageUrl": "https://assets.grok.com/users/u-1/profile/content",
    "createTime": "2025-03-02T10:00:00Z",
    "grokDb": "shard-5",
    "aclStrings": ["team:secret"],
    "sessionTierId": "2",
    "somethingNew": "of the operator",
}


def test_the_owner_is_nowhere():
    text = json.dumps(masked({"user": USER}, "alice", "Alice"))
    for private in ("operator", "Op", "Erator", "shard", "team:secret", "assets.grok.com"):
        assert private not in text.replace("sessionTierId", "")


def test_what_the_page_needs_stays():
    assert masked(USER, "alice", "Alice") == {
        "userId": "u-1",
        "email": "alice@mirror.invalid",
        "emailDomain": "mirror.invalid",
        "givenName": "Alice",
        "familyName": "",
        "profileImageUrl": "",
        "createTime": "2025-03-02T10:00:00Z",
        "sessionTierId": "2",
    }


def test_both_shapes_of_a_session_and_subscriptions():
    session = {"status": "authenticated", "session": {"userId": "u", "email": "o@x.org"}}
    assert masked(session, "a@b.org", "A")["session"] == {"userId": "u", "email": "a@b.org"}
    plan = {"subscriptions": [{"tier": "PRO", "status": "ACTIVE", "stripe": {"id": "cus_1"}}]}
    assert masked(plan, "a", "A") == {"subscriptions": [{"tier": "PRO", "status": "ACTIVE"}]}
    assert masked("unauthenticated", "a", "A") == "unauthenticated"
