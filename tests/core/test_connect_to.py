import pytest

from core.connect_to import ConnectTo, parse_connect_to, resolve

TABLE = parse_connect_to(
    "*:443=127.0.0.1:9443, grok.com:443=[::1]:1443\nassets.grok.com:80=double.test:81,"
)


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        pytest.param("grok.com", 443, ("::1", 1443), id="named, although * stands before it"),
        pytest.param("GROK.com", 443, ("::1", 1443), id="in capitals"),
        pytest.param("cdn.grok.com", 443, ("127.0.0.1", 9443), id="any other host"),
        pytest.param("assets.grok.com", 80, ("double.test", 81), id="on another port"),
        pytest.param("grok.com", 80, ("grok.com", 80), id="a port nobody named"),
    ],
)
def test_where_a_connection_goes(host, port, expected):
    assert resolve(TABLE, host, port) == expected


def test_without_a_table_everything_goes_where_it_says():
    assert resolve((), "grok.com", 443) == ("grok.com", 443)
    assert parse_connect_to(" , ") == ()


@pytest.mark.parametrize(
    "text", ["*:443=127.0.0.1:9443", "grok.com:443=[::1]:1443", "[::1]:443=h:1"]
)
def test_an_entry_reads_what_it_writes(text):
    assert str(ConnectTo.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("grok.com:443", "host:port=address:port", id="no right side"),
        pytest.param("grok.com=h:1", "port", id="no port on the left"),
        pytest.param("grok.com:443=h", "port", id="no port on the right"),
        pytest.param("*.grok.com:443=h:1", "host", id="a pattern is not a host"),
        pytest.param("*:x=h:1", "port", id="a wildcard with a bad port"),
        pytest.param("grok.com:443=::1:1", "[address]", id="IPv6 without brackets"),
    ],
)
def test_a_bad_entry_is_refused(text, problem):
    with pytest.raises(ValueError, match="connect-to") as caught:
        ConnectTo.parse(text)
    assert problem in str(caught.value)


def test_all_bad_entries_are_named_at_once():
    with pytest.raises(ValueError, match="a:1") as caught:
        parse_connect_to("a:1, *:443=h:1, b=c")
    assert len(caught.value.args) == 2
