"""The images interface: Grok is asked in words, and what it draws is told in either form."""

import base64
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api_bridge.errors import BadRequestError
from api_bridge.events import (
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    Silence,
    Started,
    Text,
    Video,
)
from api_bridge.ports import Caller
from tests.api_bridge.fake_grok import KEY, FakeCallers, FakeGrok, FakeImages
from tests.api_bridge.test_app import client_of

GENERATE, EDIT = "/v1/images/generations", "/v1/images/edits"
PNG = "data:image/png;base64,iVBORw0KGgo="
K = FailureKind


def drawing(*names: str) -> list[GrokEvent]:
    """An answer with these images, each of which grows first."""
    images: list[GrokEvent] = []
    for name in names:
        images += [Image(name, "", 50), Image(name, f"users/u/{name}.png")]
    return [Started("c-1", "r-1"), Text("Here:"), *images, Finished("r-1")]


@pytest.fixture
def grok() -> FakeGrok:
    return FakeGrok([drawing("one")])


@pytest.fixture
def client(grok: FakeGrok) -> FlaskClient:
    return client_of(grok)


def ask(client: FlaskClient, path: str = GENERATE, **fields: object) -> TestResponse:
    body = {"prompt": "a harbour", **fields}
    return client.post(path, json=body, headers={"Authorization": f"Bearer {KEY}"})


def data_of(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.get_json()["data"]
    return found


def events(response: TestResponse) -> list[dict[str, Any]]:
    frames = response.get_data(as_text=True).split("\n\n")
    return [json.loads(f.partition("\ndata: ")[2]) for f in frames if f.startswith("event: ")]


def coded(name: str) -> str:
    """As the fake gives out contents."""
    return base64.b64encode(name.encode()).decode()


@pytest.mark.parametrize(
    ("form", "keys"),
    [(None, {"url", "b64_json"}), ("url", {"url"}), ("b64_json", {"b64_json"})],
)
def test_an_image_is_told_as_it_was_asked_for(
    client: FlaskClient, form: str | None, keys: set[str]
) -> None:
    (one,) = data_of(ask(client, response_format=form))
    assert set(one) == {*keys, "revised_prompt"}
    assert one.get("url", "/-/image/one").endswith("/-/image/one")
    assert one.get("b64_json", coded("one")) == coded("one")


@pytest.mark.parametrize("model", [None, "dall-e-3", "gpt-image-1", "grok-imagine-1", "grok-fast"])
def test_models_for_images_are_understood(client: FlaskClient, model: str | None) -> None:
    assert data_of(ask(client, model=model))


def test_what_is_to_be_drawn_is_said_in_words(client: FlaskClient, grok: FakeGrok) -> None:
    ask(client, size="1024x1536", quality="high", background="auto", user="x")
    assert grok.prompts == ["Draw an image: a harbour\n\nSize: 1024x1536"]


def test_grok_is_asked_until_there_are_enough(client: FlaskClient, grok: FakeGrok) -> None:
    grok.turns = [drawing("a", "b"), drawing("c", "d")]
    urls = [one["url"].rpartition("/")[2] for one in data_of(ask(client, n=3))]
    assert (urls, len(grok.prompts)) == (["a", "b", "c"], 2)


def test_videos_are_no_images(client: FlaskClient, grok: FakeGrok) -> None:
    grok.turns = [[Video("v", "users/u/v.mp4"), *drawing("one")]]
    assert len(data_of(ask(client))) == 1


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "nothing to draw": ({"prompt": " "}, "prompt"),
    "none": ({"n": 0}, "n"),
    "too many": ({"n": 9}, "n"),
    "a form nobody knows": ({"response_format": "svg"}, "response_format"),
    "a model nobody has": ({"model": "llama"}, "model"),
}


@pytest.mark.parametrize(("fields", "param"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_its_path(
    client: FlaskClient, fields: dict[str, object], param: str
) -> None:
    response = ask(client, **fields)
    assert response.status_code in (400, 404)
    assert response.get_json()["error"]["param"] == param


def test_words_in_place_of_an_image_are_told(client: FlaskClient, grok: FakeGrok) -> None:
    grok.turns = [[Text("I would rather not."), Finished("r-1")]]
    error = ask(client).get_json()["error"]
    assert (error["code"], "rather not" in error["message"]) == ("no_image", True)


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_is_a_status(client: FlaskClient, grok: FakeGrok, stream: bool) -> None:
    grok.turns = [[Failed(K.CAPACITY)]]
    assert ask(client, stream=stream).status_code == 503
    assert client.post(GENERATE, json={"prompt": "x"}).status_code == 401


def test_an_own_token_that_grok_refuses_is_a_wrong_key(grok: FakeGrok) -> None:
    grok.turns = [[Failed(K.SIGNED_OUT)]]
    assert ask(client_of(grok)).status_code == 503
    assert ask(client_of(grok, Caller("sso", sso_token="x"))).status_code == 401


def test_images_are_streamed_as_they_are_drawn(client: FlaskClient, grok: FakeGrok) -> None:
    grok.turns = [[Silence(), *drawing("one")], [Failed(K.CUT)]]
    (done,) = events(ask(client, n=2, stream=True))
    assert (done["type"], done["b64_json"]) == ("image_generation.completed", coded("one"))
    grok.turns = [[Silence(), Silence(), Failed(K.CUT)]]
    (error,) = events(ask(client, stream=True))
    assert (error["type"], error["error"]["code"]) == ("error", "upstream_cut")


@pytest.mark.parametrize("second", [[Failed(K.CUT)], [Text("No."), Finished("r-1")]], ids=str)
def test_what_was_drawn_is_not_lost_to_what_comes_after(
    client: FlaskClient, grok: FakeGrok, second: list[GrokEvent]
) -> None:
    grok.turns = [drawing("one"), second]
    assert len(data_of(ask(client, n=3))) == 1


def test_each_question_is_counted(grok: FakeGrok) -> None:
    callers = FakeCallers(questions=1)
    client = client_of(grok, callers=callers)
    assert len(data_of(ask(client, n=4))) == 2
    assert (len(grok.prompts), callers.questions) == (2, 0)


class Lost(FakeImages):
    def content_of(self, image: Image, caller: Caller) -> bytes:
        raise BadRequestError("The image is gone.", status=404)


def test_an_image_that_cannot_be_fetched_is_told_by_its_address(grok: FakeGrok) -> None:
    client = client_of(grok, images=Lost())
    (one,) = data_of(ask(client))
    assert set(one) == {"url", "revised_prompt"}
    assert ask(client, response_format="b64_json").status_code == 502


def test_an_image_is_edited_from_json(client: FlaskClient, grok: FakeGrok) -> None:
    assert data_of(ask(client, EDIT, images=[{"image_url": PNG}]))
    assert grok.prompts == ["Edit the attached image: a harbour"]
    assert ask(client, EDIT).get_json()["error"]["param"] == "image"
    stored = ask(client, EDIT, images=[{"file_id": "file_1"}])
    assert stored.get_json()["error"]["param"] == "images[0].file_id"
    many = ask(client, EDIT, images=[{"image_url": PNG}] * 17)
    assert many.get_json()["error"]["param"] == "images"


@pytest.mark.parametrize("name", ["image", "image[]"])
def test_an_image_is_edited_from_a_form(client: FlaskClient, grok: FakeGrok, name: str) -> None:
    def send(**fields: str) -> TestResponse:
        file = (io.BytesIO(b"\x89PNG\r\n\x1a\n"), "a.png", "image/png")
        form = {"prompt": "brighter", "model": "gpt-image-1", name: file, **fields}
        return client.post(EDIT, data=form, headers={"Authorization": f"Bearer {KEY}"})

    assert data_of(send(n="1"))
    assert grok.prompts == ["Edit the attached image: brighter"]
    for wrong in ("x", "9" * 5000):
        assert send(n=wrong).get_json()["error"]["param"] == "n"


def test_an_edit_is_streamed_under_its_own_name(client: FlaskClient) -> None:
    (done,) = events(ask(client, EDIT, images=[{"image_url": PNG}], stream=True))
    assert done["type"] == "image_edit.completed"


@pytest.mark.parametrize("body", [None, [], "x", {"prompt": 7}, {"prompt": "x", "images": 1}])
def test_odd_bodies_are_refused(client: FlaskClient, body: object) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    assert client.post(GENERATE, json=body, headers=headers).status_code == 400
