"""Every row of the route table × its methods × where an id can stand × whose the id is.

One's own passes. Another user's, one of another account, an unknown one and one that was there
before the mirror get one and the same answer, and Grok hears of none of them.
"""

import contextlib
from collections import Counter

import aiohttp
import pytest

from core.isolation_plan import attempts, every_spelling
from tests.loop.shared_account import (
    CONFIG,
    arrived,
    ask_all,
    own,
    planted,
    unknown,
)

REFUSED = {400, 404}
FOREIGN = ("another user's", "another account's", "unknown", "there before")


@pytest.fixture(scope="module")
def people(mirror, one_standin):
    """Alice and Bob on one account, Carol on another; objects of each, of nobody and of none."""
    one_standin.control.reset()
    one_standin.control.switch(token_delay_ms=0)
    shared, other = mirror.account_ids["super"], mirror.account_ids["heavy"]
    alice, bob = mirror.person("alice", shared), mirror.person("bob", shared)
    carol = mirror.person("carol", other)
    ids = {
        "own": own(shared, alice.user_id, planted(one_standin, "super", "alice")),
        "another user's": own(shared, bob.user_id, planted(one_standin, "super", "bob")),
        "another account's": own(other, carol.user_id, planted(one_standin, "heavy", "carol")),
        "unknown": unknown(),
        "there before": planted(one_standin, "super", "somebody"),
    }
    return alice, ids


async def tried(mirror, standin, person, found):
    """Send them; for each its answer and whether Grok heard of it."""
    standin.control.forget_requests()
    wanted = [(a.method, a.target, a.body, a.content_type, f"try-{n}") for n, a in enumerate(found)]
    answers = await ask_all(mirror, person, wanted)
    there = arrived(standin)
    return [
        (a, answer, f"try-{n}" in there)
        for n, (a, answer) in enumerate(zip(found, answers, strict=True))
    ]


def said(found):
    return [f"{a.method} {a.target} ({a.where}): {answer.status}" for a, answer, _ in found]


@pytest.mark.parametrize("whose", FOREIGN)
async def test_what_is_not_ones_own_is_nowhere(mirror, one_standin, people, whose):
    alice, ids = people
    found = [a for a in attempts(CONFIG, ids[whose], ids["own"]) if a.is_checked]
    done = await tried(mirror, one_standin, alice, found)
    assert said([one for one in done if one[2]]) == [], "reached Grok"
    wrong = [o for o in done if o[1].status not in (REFUSED if o[0].is_odd else {404})]
    assert said(wrong) == []
    told = Counter(answer.told for a, answer, _ in done if not a.is_odd and a.method != "HEAD")
    assert len(told) == 1, told
    requests = one_standin.control.requests()
    ours = set(ids[whose].values())
    assert [r.path for r in requests if any(i in r.path + r.query for i in ours)] == []


async def test_what_is_not_ones_own_is_the_same_for_all(mirror, one_standin, people):
    alice, ids = people
    target = "/rest/app-chat/conversations_v2/{}"
    wanted = [
        ("GET", target.format(ids[whose]["conversation"]), b"", "", f"same-{whose}")
        for whose in FOREIGN
    ]
    answers = await ask_all(mirror, alice, wanted)
    assert len({answer.told for answer in answers}) == 1


@pytest.mark.parametrize("whose", FOREIGN)
async def test_every_name_in_every_shape(mirror, one_standin, people, whose):
    alice, ids = people
    spelt = list(every_spelling(CONFIG, ids[whose]))
    # Every fourth for each of the four, each time others: all for all would say no more.
    found = spelt[FOREIGN.index(whose) :: len(FOREIGN)]
    done = await tried(mirror, one_standin, alice, found)
    assert said([one for one in done if one[2]]) == [], "reached Grok"
    assert said([o for o in done if o[1].status not in (REFUSED if o[0].is_odd else {404})]) == []


async def test_what_is_ones_own_passes(mirror, one_standin, people):
    alice, ids = people
    found = [a for a in attempts(CONFIG, ids["own"], ids["own"]) if a.is_checked and not a.is_odd]
    virtual = {f"grok.com{r.path}" for r in CONFIG.hosts[0].routes.rows if r.do.value == "virtual"}
    # What deletes goes last: it would take the others' objects away.
    found.sort(key=lambda attempt: attempt.method == "DELETE")
    done = await tried(mirror, one_standin, alice, found)
    uploads = {f"grok.com{r.path}" for r in CONFIG.hosts[0].routes.rows if r.upload}
    stopped = [o for o in done if not o[2] and o[0].route not in virtual | uploads]
    assert said(stopped) == [], "never reached Grok"


async def test_a_form_names_nothing_but_its_file(mirror, one_standin, people):
    """A streamed upload cannot be read before it goes on: a field nobody has looked at ends it."""
    alice, ids = people
    held = one_standin.control.held("super")["file"]

    def form(name, value):
        head = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhi\r\n'
        return (file + head.format(name, value) + "--b--\r\n").encode()

    names = [*CONFIG.ids.spelt[::4], "workspace_id", "FILE_SOURCE"]
    kind = "multipart/form-data; boundary=b"
    target = "/http/upload-file-v2/direct"
    for name in names:
        foreign = ids["another user's"][CONFIG.ids.kind_of(name) or "workspace"]
        one = [("POST", target, form(name, foreign), kind, "form")]
        with contextlib.suppress(aiohttp.ClientError):
            (answer,) = await ask_all(mirror, alice, one)
            assert answer.status == 400, name
    assert one_standin.control.held("super")["file"] == held
    (answer,) = await ask_all(mirror, alice, [("POST", target, form("file_source", "1"), kind, "")])
    assert answer.status == 200, answer
