"""Images by address: from the open internet only, whatever a name or a redirect says."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from api_bridge import image_fetch
from api_bridge.image_fetch import ImageFetch
from api_bridge.lifeline import Lifeline
from api_bridge.public_address import Target
from api_bridge.refused import RefusedError

PNG = b"\x89PNG\r\n\x1a\n"


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.headers["host"], self.path, dict(self.headers)))
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def running(pages):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.pages, server.seen = pages, []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(monkeypatch):
    """Its pages; `get` believes that 127.0.0.1 is the internet, and sends all names there."""
    with running({"/a.png": (200, {}, PNG)}) as server:
        real = image_fetch.parse_target

        def to_this_port(url):
            target = real(url)
            return Target("http", target.host, server.server_port, target.path)

        monkeypatch.setattr(image_fetch, "parse_target", to_this_port)
        yield server


def fetching(resolved, public=frozenset({"127.0.0.1"})):
    return ImageFetch(
        Lifeline(), lambda host, port: resolved.get(host, ["127.0.0.1"]), public.__contains__
    )


def failure_of(fetch, url):
    with pytest.raises(RefusedError) as caught:
        fetch(url)
    assert caught.value.failed.kind == "unusable_image"
    return caught.value.failed.message


def test_an_image_is_fetched_with_nothing_of_ours(site):
    assert fetching({})("http://pictures.example/a.png") == PNG
    ((host, path, headers),) = site.seen
    assert (host.partition(":")[0], path) == ("pictures.example", "/a.png")
    assert not {name.lower() for name in headers} & {"cookie", "authorization", "x-mirror-secret"}


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], []])
def test_a_name_that_leads_home_is_not_followed(site, addresses):
    fetch = fetching({"evil.example": addresses})
    assert "open internet" in failure_of(fetch, "http://evil.example/a.png")
    assert site.seen == []


def test_each_redirect_is_judged_anew(site):
    site.pages["/to"] = (302, {"location": "http://evil.example/a.png"}, b"")
    site.pages["/good"] = (302, {"location": "/a.png"}, b"")
    fetch = fetching({"evil.example": ["10.0.0.1"]})
    assert fetch("http://pictures.example/good") == PNG
    assert "open internet" in failure_of(fetch, "http://pictures.example/to")


def test_a_name_is_resolved_once_for_each_connection(site):
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    fetch = ImageFetch(Lifeline(), lambda *_: answers.pop(0), {"127.0.0.1"}.__contains__)
    assert fetch("http://rebinding.example/a.png") == PNG
    assert len(answers) == 1


def test_circles_and_missing_pages_end(site):
    site.pages["/circle"] = (301, {"location": "/circle"}, b"")
    assert "redirects" in failure_of(fetching({}), "http://pictures.example/circle")
    assert "404" in failure_of(fetching({}), "http://pictures.example/none")
    assert len(site.seen) <= 5


def test_what_is_too_large_is_not_read_to_its_end(site, monkeypatch):
    monkeypatch.setattr(image_fetch, "LARGEST_IMAGE", 1_000)
    site.pages["/big"] = (200, {}, PNG + bytes(2_000_000))
    assert "larger" in failure_of(fetching({}), "http://pictures.example/big")


def test_a_site_that_is_not_there_is_a_bad_image(site, free_tcp_port, monkeypatch):
    gone = Target("http", "pictures.example", free_tcp_port, "/a.png")
    monkeypatch.setattr(image_fetch, "parse_target", lambda url: gone)
    fetch = ImageFetch(Lifeline(), lambda *_: ["127.0.0.1"], lambda _: True)
    assert "fetched" in failure_of(fetch, "http://pictures.example/a.png")
