from ipaddress import ip_network

import pytest

from core.client_address import Client, Forwarded, Hop, mirror_origin, resolve_client
from core.origins import MirrorOrigin

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))
PUBLIC = MirrorOrigin("https", "grok.example.org")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        pytest.param("203.0.113.9", "1.2.3.4", "203.0.113.9", id="strangers are not believed"),
        pytest.param("10.0.0.2", "1.2.3.4", "1.2.3.4", id="a trusted proxy is"),
        pytest.param("10.0.0.2", "9.9.9.9, 1.2.3.4", "1.2.3.4", id="from the right"),
        pytest.param("10.0.0.2", "1.2.3.4, 10.0.0.7", "1.2.3.4", id="through two trusted ones"),
        pytest.param("10.0.0.2", "nonsense", "10.0.0.2", id="nonsense is dropped"),
        pytest.param("10.0.0.2", "1.2.3.4, nonsense", "10.0.0.2", id="and nothing beyond it"),
        pytest.param("::ffff:10.0.0.2", "1.2.3.4", "1.2.3.4", id="mapped addresses are the same"),
        pytest.param("10.0.0.2", "", "10.0.0.2", id="nothing forwarded"),
    ],
)
def test_the_client_is_the_right_most_untrusted_address(peer, forwarded, address):
    client = resolve_client(Hop(peer, "http", "h"), Forwarded(for_=forwarded), PROXIES)
    assert client.address == address


def test_scheme_and_host_are_believed_from_trusted_proxies_only():
    told = Forwarded(for_="1.2.3.4", proto="https", host="grok.lan")
    assert resolve_client(Hop("10.0.0.2", "http", "inner"), told, PROXIES) == Client(
        "1.2.3.4", "https", "grok.lan", trusted=True
    )
    assert resolve_client(Hop("203.0.113.9", "http", "outer"), told, PROXIES) == Client(
        "203.0.113.9", "http", "outer", trusted=False
    )


@pytest.mark.parametrize(
    ("client", "public", "origin"),
    [
        pytest.param(("http", "127.0.0.1:8080"), None, "http://127.0.0.1:8080", id="a laptop"),
        pytest.param(("http", "grok.lan:8080"), None, "http://grok.lan:8080", id="a LAN name"),
        pytest.param(("http", "grok.lan:80"), None, "http://grok.lan", id="the default port"),
        pytest.param(("https", "g.example:443"), None, "https://g.example", id="and of TLS"),
        pytest.param(("http", "[::1]:8080"), None, "http://[::1]:8080", id="IPv6"),
        pytest.param(("http", "GROK.example.org"), PUBLIC, PUBLIC.url, id="HOST by its name"),
        pytest.param(("http", "192.168.1.5:8080"), PUBLIC, "http://192.168.1.5:8080", id="by LAN"),
        pytest.param(("http", "localhost:8080"), PUBLIC, "http://localhost:8080", id="localhost"),
        pytest.param(("http", "evil.example"), PUBLIC, None, id="any other name is refused"),
        pytest.param(("http", ""), None, None, id="no host"),
        pytest.param(("http", "a b"), None, None, id="nonsense"),
        pytest.param(("http", "u@h"), None, None, id="user info"),
        pytest.param(("http", "h/x"), None, None, id="a path"),
    ],
)
def test_the_mirror_origin_of_a_request(client, public, origin):
    scheme, host = client
    found = mirror_origin(Client("1.2.3.4", scheme, host, trusted=False), public)
    assert (found.url if found else None) == origin


def test_host_wins_behind_a_trusted_proxy_that_names_the_inner_address():
    client = Client("1.2.3.4", "http", "127.0.0.1:8080", trusted=True)
    assert mirror_origin(client, PUBLIC) == PUBLIC
