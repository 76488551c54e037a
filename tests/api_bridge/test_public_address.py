"""Where images may be fetched from, and where not."""

import pytest

from api_bridge.public_address import NotFetchableError, Target, is_public, parse_target

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "255.255.255.255",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "localhost",
    "127.1",
    "0x7f.1",
    "2130706433",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_our_own_networks_are_not_the_internet(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"]
)
def test_the_internet_is(address):
    assert is_public(address)


def test_a_url_is_taken_apart():
    expected = Target("https", "a.example", 443, "/b/c.png?d=1")
    assert parse_target("https://a.example/b/c.png?d=1#e") == expected
    assert parse_target("http://a.example:80") == Target("http", "a.example", 80, "/")
    assert parse_target("https://bücher.example/").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/x",
        "file:///etc/passwd",
        "gopher://a.example",
        "http://a.example:6379/",
        "https://a.example:80/",
        "http://user@a.example/",
        "http:///x",
        "http://[::1",
        "http://a.example:99999/",
        "http://a.example/\r\nx: y",
        "http://a.example/ä",
        "",
    ],
)
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(NotFetchableError):
        parse_target(url)
