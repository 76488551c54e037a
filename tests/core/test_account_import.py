"""One real-looking file of every family, arbitrary bytes, and what a plan makes of findings."""

import base64
import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import account_import
from core.account_export import as_json
from core.account_import import ImportedAccount, Malformed, Outcome, Reason, Skipped, recognise
from core.account_import.planning import Known, plan
from core.sso_token import token_hash

FILES = Path(__file__).parents[1] / "data" / "import"


def token(number: int) -> str:
    """The invented SSO tokens of the files, by number."""
    digest = hashlib.md5(b"invented %d" % number, usedforsecurity=False).hexdigest()
    parts = (digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:])
    payload = json.dumps({"session_id": "-".join(parts)}).encode()
    signature = hashlib.sha256(b"sig %d" % number).digest()
    pieces = (b'{"typ":"JWT","alg":"HS256"}', payload, signature)
    return ".".join(base64.urlsafe_b64encode(piece).rstrip(b"=").decode() for piece in pieces)


def account(place: int, number: int, **hints: object) -> ImportedAccount:
    return ImportedAccount(place=place, sso_token=token(number), **hints)  # type: ignore[arg-type]


def clearance(number: int) -> dict[str, str]:
    return {"cf_clearance": f"invented_clearance-{number}"}


def user(letter: str, number: int) -> str:
    return f"{letter * 8}-0000-4000-8000-00000000000{number}"


CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
EXCEL = [
    account(2, 1, email="one@example.com", tier="super", note="第一个, 好用", pool="甲组"),
    account(3, 2, email="two@example.com", tier="basic", note="=1+1", pool="乙组"),
    Malformed(4, Reason.NO_TOKEN),
]
OAUTH, MALFORMED = Reason.OAUTH, Reason.NOT_A_TOKEN
FOUND = {
    "plain_lines_with_dirt.txt": [
        account(3, 1),
        account(4, 2),
        account(5, 3, upstream_user_id="11111111-2222-4333-8444-555555555555"),
        account(6, 4),
        account(7, 5),
        account(8, 6, email="five@example.com"),
        account(9, 7, cookies=clearance(1)),
        Malformed(10, MALFORMED),
        account(11, 1),
    ],
    "grok2api_v1_token.json": [
        account(1, 1, tier="basic", tags=("a",), note="first"),
        account(2, 2, tier="basic"),
        account(3, 3, tier="super"),
        Malformed(4, MALFORMED),
    ],
    "grok2api_v2_token.json": [
        account(1, 1, tier="basic", tags=("team", "a"), note="来自旧站"),
        account(2, 2, tier="basic"),
        Malformed(3, Reason.NO_TOKEN),
        account(4, 3, tier="super"),
    ],
    "grok2api_last_python.json": [
        account(1, 1, tier="basic", tags=("nsfw",)),
        account(2, 2, tier="super"),
        account(3, 3, tier="heavy"),
    ],
    "grok2api_v3_web.json": [
        account(
            1,
            1,
            name="car one",
            email="one@example.com",
            tier="super",
            cookies=clearance(2),
            upstream_user_id=user("a", 1),
        ),
        account(2, 2, name="car two", email="two@example.com", tier="basic"),
    ],
    "grok2api_v3_mixed.jsonl": [
        account(1, 1, email="one@example.com"),
        Skipped(2, OAUTH),
        account(3, 2),
        Malformed(4, Reason.NOT_JSON),
    ],
    "grok2api_v3_concatenated.json": [
        Skipped(1, OAUTH),
        account(2, 1, name="x"),
        account(3, 2),
    ],
    "cookie_editor.json": [
        account(1, 1, cookies=clearance(3), upstream_user_id=user("b", 2)),
        account(2, 2),
    ],
    "cookies.txt": [account(1, 1, cookies={"sso-rw": token(2)} | clearance(4))],
    "playwright_storage_state.json": [account(1, 1, upstream_user_id=user("c", 3))],
    "cookie_header.txt": [
        account(1, 1, cookies={"sso-rw": token(2)} | clearance(5), upstream_user_id=user("d", 4))
    ],
    "copy_as_curl_bash.txt": [
        account(1, 1, cookies=clearance(6), user_agent=CHROME),
        account(2, 2),
        Malformed(3, Reason.NO_SSO_COOKIE),
    ],
    "copy_as_curl_cmd.txt": [account(1, 1, cookies=clearance(7), user_agent=CHROME)],
    "accounts_excel_gbk.csv": EXCEL,
    "accounts_excel_unicode.csv": EXCEL,
    "accounts_utf8_bom.csv": [
        account(4, 1, email="one@example.com", tier="super", note="two lines"),
        account(5, 2, email="two@example.com", tier="basic"),
    ],
    "env_lists.env": [account(2, 1), account(2, 2), account(3, 3, tier="super")],
    "grok_mirror_export.json": [
        account(
            1,
            1,
            name="grok-01",
            email="one@example.com",
            cookies={"sso-rw": token(3)} | clearance(8),
            user_agent=CHROME,
            upstream_user_id=user("e", 5),
            tier="heavy",
            tags=("a", "b"),
            note="一",
            pool="甲",
            enabled=False,
        ),
        account(2, 2),
    ],
}


@pytest.mark.parametrize("name", FOUND)
def test_every_family_is_read(name: str) -> None:
    assert list(recognise((FILES / name).read_bytes()).findings) == FOUND[name]


def test_every_file_is_in_the_table() -> None:
    assert {path.name for path in FILES.iterdir()} == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_nothing_secret_shows_in_a_repr(name: str) -> None:
    data = (FILES / name).read_bytes()
    shown = repr(recognise(data)) + repr(plan(recognise(data).findings, NOTHING_KNOWN))
    for secret in ("eyJ0", "hunter", "invented", "@example", "password"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", [Malformed(1, Reason.NOTHING)], id="nothing"),
        pytest.param("# only\n\n# comments", [Malformed(1, Reason.NOTHING)], id="only comments"),
        pytest.param("{}", [Malformed(1, Reason.NO_TOKEN)], id="an empty object"),
        pytest.param("[]", [Malformed(1, Reason.NOTHING)], id="an empty list"),
        pytest.param("{" * 100_000, [Malformed(1, Reason.NOT_JSON)], id="braces"),
        pytest.param("[" * 100_000, [Malformed(1, Reason.NOT_JSON)], id="brackets"),
        pytest.param('{"format":"grok-mirror/2"}', [Malformed(1, Reason.LATER_FORMAT)], id="later"),
        pytest.param(
            '{"format":"grok-mirror/1","accounts":[[[[["x"]]]]]}',
            [Malformed(1, Reason.NO_TOKEN)],
            id="lists in lists",
        ),
        pytest.param(f'["{token(1)}"]', [account(1, 1)], id="a list of strings"),
        pytest.param(
            json.dumps({"sso_token_list": [token(1)]}), [account(1, 1)], id="the body of the API"
        ),
        pytest.param(
            json.dumps({"provider": "grok_build", "accounts": [{"token": token(1)}]}),
            [Skipped(1, OAUTH)],
            id="an OAuth pool is not guessed at",
        ),
        pytest.param(
            json.dumps([{"name": "sso", "value": "x", "domain": "example.com"}]),
            [Skipped(1, Reason.OTHER_SITE)],
            id="cookies of another site",
        ),
        pytest.param(
            json.dumps([{"name": "sso", "value": token(1), "domain": "evilgrok.com"}]),
            [Skipped(1, Reason.OTHER_SITE)],
            id="cookies of a look-alike",
        ),
        pytest.param("e" * 20_000, [Malformed(1, Reason.TOO_LONG)], id="a line too long"),
        pytest.param("x " * 10_000, [Malformed(1, Reason.TOO_LONG)], id="words too long"),
        pytest.param("SSO=", [Malformed(1, Reason.EMPTY)], id="an empty list of the environment"),
        pytest.param("curl https://grok.com", [Malformed(1, Reason.NO_SSO_COOKIE)], id="bare curl"),
        pytest.param('sso,email\n"' + token(1), [Malformed(2, Reason.NO_TOKEN)], id="open quote"),
    ],
)
def test_odd_sources(text: str, found: list[object]) -> None:
    if text.startswith("sso,email"):
        assert len(recognise(text).findings) == 1
    else:
        assert list(recognise(text).findings) == found


def test_a_header_cannot_be_smuggled_in() -> None:
    text = json.dumps(
        {
            "sso_token": token(1),
            "user_agent": "a\r\nX-Evil: 1",
            "cf_clearance": "a; b=c",
            "name": "a\u2028b\x00",
            "email": "<script>@x",
            "user_id": "a b",
        }
    )
    (found,) = recognise(text).findings
    assert found == account(1, 1, user_agent="a X-Evil: 1", name="a b")


def test_ten_thousand_and_no_more() -> None:
    line = token(1)
    found = recognise("\n".join([line] * 10_001)).findings
    assert len(found) == 10_001
    assert found[-1] == Malformed(10_001, Reason.TOO_MANY)


def test_each_item_of_a_list_is_answered() -> None:
    found = account_import.read_items([token(1), "", "# x", f"sso={token(2)}"]).findings
    assert [finding.place for finding in found] == [1, 2, 3, 4]
    assert found[1] == Malformed(2, Reason.EMPTY)


STARTS = st.sampled_from(
    [
        b"",
        b"{",
        b"[",
        b"curl -H '",
        b'[{"name":"sso","value":',
        b"sso,email\n",
        b"\xff\xfe",
        b"SSO=",
        b".grok.com\tTRUE\t/\tTRUE\t0\tsso\t",
        b'{"accounts":',
        b'{"ssoBasic":',
        token(1).encode(),
    ]
)


@given(STARTS, st.binary(max_size=300))
@example(b"", b"\x00" * 64)
@example(b"", b"9" * 5_000)
@example(b"[", b"9" * 5_000 + b"]")
@settings(max_examples=400)
def test_arbitrary_bytes_are_never_an_error(start: bytes, rest: bytes) -> None:
    found = recognise(start + rest)
    assert found.findings
    for finding in found.findings:
        assert finding.place >= 1
        if isinstance(finding, ImportedAccount):
            assert finding.sso_token.isascii()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "accounts",
                    "cookies",
                    "name",
                    "value",
                    "ssoBasic",
                    "sso_token",
                    "format",
                    "tags",
                    "provider",
                    "email",
                    "enabled",
                    "domain",
                    "storeId",
                    "user_agent",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_never_an_error(value: object) -> None:
    assert recognise(json.dumps([value])).findings


NAMES = st.text(max_size=30)
ACCOUNTS = st.builds(
    ImportedAccount,
    place=st.just(1),
    sso_token=st.integers(0, 50).map(token),
    cookies=st.sampled_from([{}, clearance(1), {"sso-rw": token(99)}]),
    user_agent=st.sampled_from([None, CHROME]),
    name=NAMES,
    email=st.sampled_from([None, "a@example.com"]),
    upstream_user_id=st.sampled_from([None, user("a", 1)]),
    tier=st.sampled_from(["", "basic", "super", "heavy"]),
    tags=st.lists(NAMES, max_size=3).map(tuple),
    note=NAMES,
    pool=NAMES,
    enabled=st.booleans(),
)


@given(st.lists(ACCOUNTS, max_size=6))
def test_our_own_export_comes_back_and_stays_the_same(accounts: list[ImportedAccount]) -> None:
    once = [
        one for one in recognise(as_json(accounts)).findings if isinstance(one, ImportedAccount)
    ]
    assert [one.sso_token for one in once] == [one.sso_token for one in accounts]
    assert [one.cookies for one in once] == [one.cookies for one in accounts]
    assert [one.enabled for one in once] == [one.enabled for one in accounts]
    again = [one for one in recognise(as_json(once)).findings if isinstance(one, ImportedAccount)]
    assert again == once


NOTHING_KNOWN = Known(by_token={}, by_user={})


def outcomes(findings: list[ImportedAccount], known: Known = NOTHING_KNOWN) -> list[Outcome]:
    return [step.outcome for step in plan(findings, known)]


def test_a_plan_knows_duplicates_and_newer_tokens() -> None:
    known = Known(by_token={token_hash(token(1)): 7}, by_user={"u-2": 8})
    found = [account(1, 1), account(2, 2, upstream_user_id="u-2"), account(3, 3), account(4, 3)]
    steps = plan([*found, Skipped(5, OAUTH), Malformed(6, MALFORMED)], known)
    assert [(step.outcome.value, step.account_id) for step in steps] == [
        ("duplicate", 7),
        ("updated", 8),
        ("new", None),
        ("duplicate", None),
        ("skipped", None),
        ("malformed", None),
    ]


def test_of_two_tokens_of_one_user_the_last_is_taken() -> None:
    found = [account(1, 1, upstream_user_id="u"), account(2, 2, upstream_user_id="u")]
    assert outcomes(found) == [Outcome.SKIPPED, Outcome.NEW]
    known = Known(by_token={token_hash(token(2)): 1}, by_user={"u": 1})
    assert outcomes(found, known) == [Outcome.SKIPPED, Outcome.DUPLICATE]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("[1,\n", id="lists that never end"),
        pytest.param('{"a":\n', id="objects that never end"),
        pytest.param("curl -H '\n", id="quotes that never end"),
        pytest.param('curl -b "\\', id="backslashes"),
        pytest.param('"', id="quotes"),
        pytest.param("SSO=,", id="commas"),
        pytest.param("-----", id="dashes"),
        pytest.param("#HttpOnly_", id="prefixes"),
        pytest.param("\u200b", id="invisible"),
        pytest.param("{}\n", id="empty objects"),
        pytest.param('sso,"x"\n', id="rows"),
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        started = time.process_time()
        recognise(text)
        return time.process_time() - started

    small, large = min(seconds(50_000) for _ in range(2)), seconds(400_000)
    assert large < max(8 * small * 5, 2.0)


def test_hints_are_replaced_not_guessed() -> None:
    one = account(1, 1)
    assert replace(one, place=2) != one
