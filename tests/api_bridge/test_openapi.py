"""The description is valid, says where the API is, and the answers are as it says."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from tests.api_bridge.fake_grok import KEY, FakeGrok, said
from tests.api_bridge.test_app import ask, client_of

HI = {"role": "user", "content": "Hi"}


@pytest.fixture
def client() -> FlaskClient:
    return client_of(FakeGrok([said("Hel", "lo")]))


def fits(document: dict[str, Any], name: str, value: object) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    Draft202012Validator(schema).validate(value)


def test_it_needs_no_key_and_says_where_the_api_is(client: FlaskClient) -> None:
    document = client.get("/v1/openapi.json").get_json()
    assert document["servers"] == [{"url": "/v1"}]
    hidden = client_of(FakeGrok([]), prefix="/word").get("/word/v1/openapi.json").get_json()
    assert hidden["servers"] == [{"url": "/word/v1"}]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_its_paths_are_those_there_are(client: FlaskClient) -> None:
    for path, operations in client.get("/v1/openapi.json").get_json()["paths"].items():
        for method in {"get", "post"} & set(operations):
            found = client.open(f"/v1{path.replace('{model}', 'grok-4')}", method=method)
            needs_no_key = operations[method].get("security") == []
            assert found.status_code == (200 if needs_no_key else 401)


def test_answers_and_errors_are_as_it_says(client: FlaskClient) -> None:
    document = client.get("/v1/openapi.json").get_json()
    fits(document, "ChatCompletion", ask(client).get_json())
    fits(document, "Error", ask(client, n="many").get_json())
    for path, body, wanted in (
        ("/v1/responses", {"model": "grok-4", "input": "Hi"}, "Response"),
        ("/v1/messages", {"model": "grok-4", "messages": [HI]}, "MessagesAnswer"),
        ("/v1/messages", {"model": "grok-4", "messages": []}, "AnthropicError"),
    ):
        answer = client.post(path, json=body, headers={"api-key": KEY})
        fits(document, wanted, answer.get_json())
    fits(document, "Error", client.get("/v1/nowhere").get_json())
    models = client.get("/v1/models", headers={"api-key": KEY}).get_json()
    for model in models["data"]:
        fits(document, "Model", model)
