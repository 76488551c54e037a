"""One line for each call, whoever ended it."""

import logging

import pytest
from flask import Flask, Response, g
from werkzeug.test import Client

from api_bridge.call_log import current_call, logged, name_calls


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="call")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "call"]


@pytest.fixture
def client():
    return Client(logged(make_app().wsgi_app))


def make_app():
    app = Flask(__name__)

    @app.before_request
    def name():
        g.request_id = "id-1"

    name_calls(app)

    @app.get("/v1/images/<link>")
    def image(link):
        current_call().caller = "key:3"
        return Response(iter([b"ab", b"c"]), 206)

    @app.get("/broken")
    def broken():
        raise KeyboardInterrupt

    return app


def test_a_whole_answer_is_one_line_without_the_link(client, lines):
    assert client.get("/v1/images/a-secret-link?x=y", buffered=True).data == b"abc"
    (line,) = lines()
    assert line.startswith("id-1 caller=key:3 GET /v1/images/<link> -> 206 ")
    assert line.endswith("ms 3B")


def test_an_answer_that_nobody_took_to_its_end_says_so(lines):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1/images/a", "SERVER_NAME": "a"}
    environ |= {"SERVER_PORT": "1", "wsgi.url_scheme": "http"}
    body = logged(make_app().wsgi_app)(environ, lambda *_: None)
    assert next(iter(body)) == b"ab"
    assert lines() == []
    body.close()
    (line,) = lines()
    assert line.endswith(" 2B (the client left)")


def test_a_call_that_ends_before_its_answer_has_a_line_too(client, lines):
    with pytest.raises(KeyboardInterrupt):
        client.get("/broken")
    (line,) = lines()
    assert "GET /broken -> 0 " in line
    assert line.endswith("(the client left)")


def test_a_path_that_is_nobodys_is_not_written_down(client, lines):
    assert client.get("/v1/what%0Aever", buffered=True).status_code == 404
    (line,) = lines()
    assert " GET - -> 404 " in line


def test_without_the_log_the_note_is_nobodys(lines):
    assert Client(make_app()).get("/v1/images/a", buffered=True).status_code == 206
    assert lines() == []
