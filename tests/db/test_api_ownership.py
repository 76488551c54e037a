"""Objects made over the API belong to their caller, on their account."""

import db
from core.sso_token import PastedAccount


def account(token="t" * 30):
    return db.add_account(PastedAccount(sso_token=token), name="a").id


def test_what_a_caller_made_is_his(opened):
    number = account()
    assert db.record_api_ownership("key:1", number, "conversation", "c-1")
    assert db.api_owner_of("conversation", "c-1") == ("key:1", number)
    assert db.record_api_ownership("key:1", number, "conversation", "c-1"), "telling twice is fine"


def test_the_first_owner_stays(opened):
    number = account()
    db.record_api_ownership("env", number, "conversation", "c-1")
    assert not db.record_api_ownership("key:1", number, "conversation", "c-1")
    assert db.api_owner_of("conversation", "c-1") == ("env", number)


def test_what_nobody_made_is_nobodys(opened):
    assert db.api_owner_of("conversation", "c-1") is None
    db.record_api_ownership("env", account(), "conversation", "c-1")
    assert db.api_owner_of("response", "c-1") is None
