"""A share link is what its owner has published: everybody here may read it, as a stranger."""

import json

import pytest

from tests.loop.test_chat import signed


@pytest.fixture
def link(mirror, alice):
    """A conversation of Alice's, published."""
    said = alice.http.post(
        mirror.url + "/rest/app-chat/conversations/new",
        json={"message": "a recipe for bread", "modeId": "fast"},
        headers=signed(mirror),
    ).text
    first = json.loads(said.splitlines()[0])
    conversation = first["result"]["conversation"]["conversationId"]
    answer = alice.http.post(
        f"{mirror.url}/rest/app-chat/conversations/{conversation}/share",
        json={},
        headers=signed(mirror),
    )
    return answer.json()["shareLinkId"]


def test_a_colleague_reads_what_was_shared(mirror, bob, link, standin):
    standin.control.forget_requests()
    answer = bob.http.get(f"{mirror.url}/share/{link}")
    assert answer.status_code == 200
    assert "a recipe for bread" in answer.text
    (seen,) = standin.control.requests(path=f"/share/{link}")
    assert not {"sso", "sso-rw", "x-userid"} & set(seen.cookies)
    assert standin.accounts["heavy"].email not in answer.text


def test_managing_it_stays_with_its_owner(mirror, alice, bob, link):
    url = f"{mirror.url}/rest/app-chat/share_links/{link}"
    assert bob.http.get(url).status_code == 404
    assert bob.http.delete(url, headers=signed(mirror)).status_code == 404
    assert alice.http.get(url).status_code == 200
    links = alice.http.get(f"{mirror.url}/rest/app-chat/share_links").json()["shareLinks"]
    assert link in [one["shareLinkId"] for one in links]
    assert bob.http.get(f"{mirror.url}/rest/app-chat/share_links").json()["shareLinks"] == []


def test_a_link_that_nobody_of_the_mirror_has_made_is_not_there(mirror, bob, standin):
    planted = standin.control.plant("heavy", "conversation", title="the operator's")
    link = standin.control.plant("heavy", "share_link", conversation_id=planted["conversationId"])[
        "shareLinkId"
    ]
    standin.control.forget_requests()
    for path in (f"/share/{link}", f"/rest/app-chat/share_links_data/{link}"):
        assert bob.http.get(mirror.url + path).status_code == 404
    assert standin.control.requests() == []
