"""The plan of an audit leaves out no row, method, place or name."""

import json
from pathlib import Path

from addons.config_file import read_config
from core.ids import KINDS
from core.isolation_plan import attempts, every_spelling, socket_attempts
from core.routes import Do

CONFIG = read_config(Path(__file__).parents[2] / "mitm_config.yaml")
IDS = {kind: f"{kind}-of-another" for kind in KINDS}
OWN = {kind: f"{kind}-of-mine" for kind in KINDS}
ALL = list(attempts(CONFIG, IDS, OWN))
LEADS_NOWHERE = (Do.ANSWER, Do.EMPTY, Do.REFUSE, Do.SIDECAR)


def rows():
    for rule in CONFIG.hosts:
        for route in rule.routes.rows if rule.host.cookies else ():
            if not route.frames and route.do not in LEADS_NOWHERE:
                yield rule.host.name, route


def test_every_row_is_tried_with_each_of_its_methods():
    tried = {(a.route, a.method) for a in ALL}
    wanted = {(f"{host}{r.path}", m) for host, r in rows() for m in r.methods}
    # A published link may be anybody's: only its path holds an id.
    assert wanted - tried == set()


def test_every_segment_that_is_an_id_is_tried_with_ones_own_beside_it():
    (both,) = [a for a in ALL if a.target.endswith("/response-of-another/read")]
    assert f"/{OWN['conversation']}/" in both.target
    for host, route in rows():
        for kind in (k for k in KINDS if f"{{{k}}}" in route.path):
            found = [a for a in ALL if a.route == f"{host}{route.path}" and a.kind == kind]
            assert any(a.where == f"path {{{kind}}}" for a in found), route.path


def test_every_name_of_the_vocabulary_is_tried_in_every_shape():
    spelt = list(every_spelling(CONFIG, IDS))
    assert {a.where.split(",")[0] for a in spelt if a.body} == {
        f"body {name}" for name in CONFIG.ids.spelt
    }
    assert len({a.where.split(", ")[1] for a in spelt if a.body}) == 7
    assert {a.where for a in spelt if not a.body} == {f"query {n}" for n in CONFIG.ids.spelt}


def test_each_attempt_names_the_object_it_says():
    for attempt in ALL:
        place = attempt.target + attempt.body.decode()
        assert attempt.is_odd or attempt.object_id in place, attempt
        if attempt.body and not attempt.is_odd:
            json.loads(attempt.body)


def test_what_a_row_lets_pass_is_judged_only_by_its_answer():
    lax = {a.route for a in ALL if not a.is_checked}
    assert "grok.com/rest/rate-limits" in lax
    assert "grok.com/share/{share}" in lax, "a published link is anybody's"
    assert "grok.com/rest/app-chat/conversations" not in lax


def test_the_chat_socket_is_tried_in_every_field():
    tried = list(socket_attempts(CONFIG, IDS, OWN))
    assert {s.kind for s in tried} == {"conversation", "response", "file", "workspace"}
    assert all(s.object_id in json.dumps(s.frame) for s in tried)
    assert {s.target for s in tried} == {"/ws/mgw", "/ws/mgw/"}
    assert [s.where for s in tried if s.changes] == ["response.cancel session_id"] * 2


def test_what_would_change_an_object_says_so():
    assert {a.method for a in ALL if not a.changes} == {"GET", "HEAD"}
