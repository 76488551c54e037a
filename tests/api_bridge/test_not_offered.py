"""Clients that need another interface are told which one there is, in words they show."""

import pytest
from flask.testing import FlaskClient

from api_bridge.not_offered import instead
from tests.api_bridge.fake_grok import KEY, FakeGrok, said
from tests.api_bridge.test_app import client_of

AUTH = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def client() -> FlaskClient:
    return client_of(FakeGrok([said("Hello")]))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/responses/resp_1", "/v1/responses/resp_1/cancel", "/v1/completions", "/v1/embeddings",
        "/v1/images/variations", "/v1/audio/speech", "/v1/files", "/v1/assistants",
        "/v1/engines/davinci/completions", "/v1/v1/chat/completions", "/v1/realtime",
    ],
)  # fmt: skip
def test_openais_other_interfaces(client: FlaskClient, path: str) -> None:
    response = client.post(path, json={}, headers=AUTH)
    error = response.get_json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (response.status_code, error["code"]) == (404, "not_offered")


@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/complete"])
def test_anthropics_clients_are_told_in_their_own_envelope(client: FlaskClient, path: str) -> None:
    response = client.post(path, json={}, headers={"x-api-key": KEY})
    said = response.get_json()
    assert (response.status_code, said["type"]) == (400, "error")
    assert said["error"]["type"] == "invalid_request_error"
    assert "not offered" in said["error"]["message"]


def test_anthropics_clients_read_every_error(client: FlaskClient) -> None:
    asked = {"anthropic-version": "2023-06-01"}
    response = client.get("/v1/models", headers={**asked, "x-api-key": "wrong"})
    assert (response.status_code, response.get_json()["error"]["type"]) == (
        401,
        "authentication_error",
    )
    assert response.headers["request-id"] == response.headers["x-request-id"] != ""
    unknown = client.get("/v1/models/none", headers={**asked, "x-api-key": KEY})
    assert unknown.get_json()["error"]["type"] == "not_found_error"


def test_the_prefix_makes_no_difference() -> None:
    client = client_of(FakeGrok([said("Hello")]), prefix="/word")
    response = client.post("/word/v1/embeddings", json={}, headers=AUTH)
    assert response.get_json()["error"]["code"] == "not_offered"
    assert client.post("/v1/embeddings", json={}, headers=AUTH).status_code == 404


@pytest.mark.parametrize("path", ["/", "", "/v1", "/v1/nowhere", "/v1/chat/completions/x"])
def test_what_nobody_offers_has_no_instead(path: str) -> None:
    assert instead(path) is None
