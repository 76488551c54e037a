from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.egress import (
    Egress,
    EgressSpec,
    after_failure,
    after_success,
    choose_egress,
    may_go_direct,
    parse_pool,
    rest_after,
)

NOW = 1_000_000.0


def egress(number: int, **fields) -> Egress:
    return Egress(id=number, spec=EgressSpec.parse(f"http://e{number}:8080"), **fields)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "http://u:p@10.0.0.1:8080",
            ("http", "10.0.0.1", 8080, "u", "p"),
            id="a user and a password",
        ),
        pytest.param("http://proxy", ("http", "proxy", 80, None, None), id="http's own port"),
        pytest.param("https://proxy/", ("https", "proxy", 443, None, None), id="a last slash"),
        pytest.param("socks5h://x", ("socks5h", "x", 1080, None, None), id="socks' own port"),
        pytest.param(
            " SOCKS5://Proxy.Example:1 ",
            ("socks5", "proxy.example", 1, None, None),
            id="capitals and spaces mean nothing",
        ),
        pytest.param(
            "socks5://a:b@[2001:DB8::1]:1080",
            ("socks5", "2001:db8::1", 1080, "a", "b"),
            id="an IPv6 address in brackets",
        ),
        pytest.param("socks4://[::1]", ("socks4", "::1", 1080, None, None), id="without a port"),
        pytest.param(
            "http://u%40x:p%2C%2F@h:1",
            ("http", "h", 1, "u@x", "p,/"),
            id="percent-encoded credentials",
        ),
        pytest.param(
            "http://u:a@b/c#d?e@h:1",
            ("http", "h", 1, "u", "a@b/c#d?e"),
            id="a password nobody encoded",
        ),
        pytest.param("http://u@h:1", ("http", "h", 1, "u", None), id="a user alone"),
        pytest.param("http://u:@h:1", ("http", "h", 1, "u", ""), id="an empty password"),
        pytest.param("socks4://me@h:1", ("socks4", "h", 1, "me", None), id="a socks4 user"),
    ],
)
def test_a_url_means(url, expected):
    spec = EgressSpec.parse(url)
    assert (spec.scheme, spec.host, spec.port, spec.username, spec.password) == expected
    assert EgressSpec.parse(spec.url) == spec


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("", "must start with", id="nothing"),
        pytest.param("s3cret:s3cret@h:1", "must start with", id="no scheme"),
        pytest.param("ftp://s3cret@h:1", "must start with", id="another scheme"),
        pytest.param("socks5a://h", "must start with", id="nearly a scheme"),
        pytest.param("http://", "host", id="no host"),
        pytest.param("http://u:s3cret@", "host", id="no host after credentials"),
        pytest.param("http://u:s3cret@h:0", "port", id="port nought"),
        pytest.param("http://u:s3cret@h:65536", "port", id="a port too high"),
        pytest.param("http://u:s3cret", "port", id="cut at a comma in the password"),
        pytest.param("http://h:１２", "port", id="digits of another script"),
        pytest.param("http://h:", "port", id="a colon without a port"),
        pytest.param("http://::1:8080", "brackets|[address]", id="IPv6 without brackets"),
        pytest.param("http://[::1", "[address]", id="one bracket"),
        pytest.param("http://[h]:1", "not one", id="a name in brackets"),
        pytest.param("http://h/s3cret", "host", id="a path"),
        pytest.param("http://h h:1", "host", id="a space in the host"),
        pytest.param("http://u%0d%0ax: s3cret@h", "control", id="a line break in the user"),
        pytest.param("http://u%3As3cret:x@h", "colon", id="a colon in an HTTP user"),
        pytest.param("socks5://u:s3crét@h", "ASCII", id="SOCKS carries ASCII only"),
        pytest.param(f"socks5://u:{'s3cret' * 50}@h", "255", id="too long for SOCKS"),
        pytest.param("socks4://u:s3cret@h", "no password", id="socks4 has no password"),
        pytest.param("socks5://s3cret@h", "both", id="a SOCKS user without password"),
    ],
)
def test_a_bad_url_is_refused_without_repeating_it(url, problem):
    with pytest.raises(ValueError, match=r"\*\*\*: ") as caught:
        EgressSpec.parse(url)
    text = str(caught.value)
    assert any(word in text for word in problem.split("|"))
    assert "s3cr" not in text


text_of_credentials = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="\x7f"), max_size=20
)


@given(st.sampled_from(["http", "https"]), text_of_credentials, st.none() | text_of_credentials)
def test_credentials_survive_the_way_through_a_url(scheme, username, password):
    username = username.replace(":", "")
    spec = EgressSpec(scheme=scheme, host="h", port=1, username=username, password=password)
    if username or password is not None:
        assert EgressSpec.parse(spec.url) == spec


def test_nobody_sees_credentials_by_accident():
    spec = EgressSpec.parse("socks5h://user77:s3cret@[::1]:1080")
    assert spec.masked == str(spec) == "socks5h://***@[::1]:1080"
    for shown in (repr(spec), spec.masked, repr(Egress(id=1, spec=spec))):
        assert "s3cret" not in shown
        assert "user77" not in shown


def test_a_pool_may_be_written_carelessly():
    text = " http://a:1, ,socks5://b，\n\tsocks5h://c:2 http://a:1,\n,"
    assert [spec.url for spec in parse_pool(text)] == [
        "http://a:1",
        "socks5://b:1080",
        "socks5h://c:2",
    ]
    assert parse_pool(" , \n") == []


def test_every_bad_entry_of_a_pool_is_named_at_once():
    with pytest.raises(ValueError, match="entry 2") as caught:
        parse_pool("http://ok, nonsense, http://ok:2, http://u:s3cret@h:x")
    assert [fault.partition(",")[0] for fault in caught.value.args] == ["entry 2", "entry 4"]
    assert "s3cret" not in str(caught.value)


def test_rest_doubles_from_half_a_minute_to_ten():
    assert [rest_after(n) for n in range(1, 8)] == [30, 60, 120, 240, 480, 600, 600]
    assert rest_after(10_000) == 600


def test_failures_during_a_rest_are_the_same_event():
    once = after_failure(egress(1), NOW)
    assert (once.failures, once.cooling_until) == (1, NOW + 30)
    assert after_failure(once, NOW + 29) == once
    assert after_failure(once, NOW + 30).cooling_until == NOW + 90


def test_a_success_forgives():
    assert after_success(after_failure(egress(1), NOW)) == egress(1)


def test_health_ends_and_begins_on_the_second():
    cooling = egress(1, cooling_until=NOW)
    assert not cooling.is_healthy(NOW - 1)
    assert cooling.is_healthy(NOW)
    assert not replace(cooling, enabled=False).is_healthy(NOW)


@pytest.mark.parametrize(
    ("own", "pool", "loads", "expected"),
    [
        pytest.param(2, [egress(1), egress(2)], {2: 99}, 2, id="its own, however many share it"),
        pytest.param(
            1,
            [egress(1, cooling_until=NOW + 1), egress(2), egress(3)],
            {2: 3, 3: 1},
            3,
            id="its own rests: the one with the fewest accounts",
        ),
        pytest.param(1, [egress(1, enabled=False), egress(2)], {}, 2, id="its own is switched off"),
        pytest.param(7, [egress(2), egress(1)], {}, 1, id="its own is gone: lowest id of equals"),
        pytest.param(None, [egress(1), egress(2)], {1: 1}, 2, id="it has none yet"),
        pytest.param(
            1,
            [egress(1, cooling_until=NOW + 1), egress(2, enabled=False)],
            {},
            None,
            id="nobody is left",
        ),
        pytest.param(None, [], {}, None, id="an empty library"),
    ],
)
def test_an_account_leaves_by(own, pool, loads, expected):
    chosen = choose_egress(own, pool, loads, NOW)
    assert (chosen and chosen.id) == expected


def test_direct_only_where_no_egress_was_ever_wanted():
    assert may_go_direct(None, {})
    assert not may_go_direct(3, {})
    assert not may_go_direct(None, {1: egress(1, enabled=False)})
