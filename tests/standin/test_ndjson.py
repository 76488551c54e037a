import asyncio
import json

import aiohttp
import pytest

NEW = "https://grok.com/rest/app-chat/conversations/new"
SIGNED = {"x-statsig-id": "anything"}


async def ask(page, message, url=NEW, **body):
    body = {"message": message, "modeId": "fast", **body}
    return await page.post(url, json=body, headers=SIGNED)


async def lines(response):
    return [json.loads(line) for line in (await response.read()).split(b"\n") if line]


def merged(found, nested=True):
    return [line["result"].get("response", {}) if nested else line["result"] for line in found]


async def test_a_new_conversation_uses_the_nested_envelope(page):
    found = await lines(await ask(page, "/think"))
    assert "conversation" in found[0]["result"]
    fields = merged(found)
    assert fields[1]["userResponse"]["sender"] == "human"
    tokens = [f for f in fields if "token" in f and not f["isThinking"]]
    assert "".join(f["token"] for f in tokens) == "It is 42."
    assert tokens[-1]["isSoftStop"]
    final = next(f["modelResponse"] for f in fields if "modelResponse" in f)
    assert final["message"] == "It is 42."
    assert final["steps"][0]["text"][0] == "Multiplying"
    assert "newTitle" in found[-1]["result"]["title"]


async def test_the_next_turn_uses_the_flat_envelope(page):
    found = await lines(await ask(page, "/plain"))
    conversation = found[0]["result"]["conversation"]["conversationId"]
    url = NEW.replace("new", f"{conversation}/responses")
    fields = merged(await lines(await ask(page, "/plain", url)), nested=False)
    assert "".join(f.get("token", "") for f in fields) == "Hello 👋"
    assert fields[0]["userResponse"]["parentResponseId"]


async def test_lines_are_cut_inside_characters(page):
    response = await ask(page, "/plain 好")
    pieces = [piece async for piece, _ in response.content.iter_chunks()]
    assert not all(piece.endswith(b"\n") for piece in pieces)
    assert json.loads(b"".join(pieces).splitlines()[0])


async def test_pieces_can_be_as_small_as_wanted(standin, page):
    standin.control.switch(stream_piece_bytes=64)
    response = await ask(page, "/plain")
    pieces = [piece async for piece, _ in response.content.iter_chunks()]
    assert max(map(len, pieces)) <= 64


async def test_search_and_markup(page):
    fields = merged(await lines(await ask(page, "/search")))
    names = {name for field in fields for name in field}
    assert {"toolUsageCard", "webSearchResults", "xSearchResults", "cardAttachment"} <= names
    text = "".join(f.get("token", "") for f in merged(await lines(await ask(page, "/tags"))))
    assert "<grok:render " in text


async def test_images_and_videos_come_from_imagine_models(page):
    fields = merged(await lines(await ask(page, "x", modelName="imagine-image-edit")))
    images = [
        f["streamingImageGenerationResponse"]
        for f in fields
        if len(f) == 2 and "streamingImageGenerationResponse" in f
    ]
    assert [image["progress"] for image in images] == [50, 100]
    fields = merged(await lines(await ask(page, "x", modelName="imagine-video-gen")))
    videos = [
        f["streamingVideoGenerationResponse"]
        for f in fields
        if "streamingVideoGenerationResponse" in f
    ]
    answer = await page.get(f"https://assets.grok.com/{videos[-1]['videoUrl']}")
    assert answer.content_type == "video/mp4"


@pytest.mark.parametrize(
    ("scenario", "key"), [("empty", "modelNotAvailable"), ("limit", "usageLimitReached")]
)
async def test_errors_inside_a_200(page, scenario, key):
    fields = merged(await lines(await ask(page, f"/{scenario}")))
    errors = [f["error"] for f in fields if "error" in f]
    assert key in errors[0]
    assert fields[-1]["modelResponse"]["message"] == ""


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        ("429", 429),
        ("antibot", 403),
        ("cf", 403),
        ("expired", 401),
        ("blocked", 403),
        ("noaccess", 403),
        ("5xx", 502),
    ],
)
async def test_refusals_come_before_the_stream(page, scenario, status):
    assert (await ask(page, f"/{scenario}")).status == status


async def test_a_cut_stream_is_no_clean_end(standin, page):
    with pytest.raises(aiohttp.ClientPayloadError):
        await (await ask(page, "/cut")).read()
    assert standin.control.ended_streams("ndjson")[-1].ended == "cut"


async def test_a_stalled_stream_ends_when_the_client_leaves(standin, page):
    response = await ask(page, "/stall")
    await response.content.readany()
    assert len(standin.control.open_streams("ndjson")) == 1
    response.close()
    assert await asyncio.to_thread(standin.control.wait_for_stream_end)
    assert standin.control.ended_streams("ndjson")[-1].ended == "client gone"


async def test_the_page_may_keep_the_scenario_in_the_middle(page):
    found = merged(await lines(await ask(page, "User: hi scenario:think please")))
    assert any(f.get("isThinking") for f in found)


async def test_unknown_modes_and_foreign_conversations(page):
    assert (await ask(page, "x", modeId="psychic")).status == 400
    assert (await ask(page, "x", NEW.replace("new", "nothing/responses"))).status == 404


async def test_the_older_model_names_still_choose_a_mode(page):
    body = {"message": "hi", "modelName": "grok-4", "modelMode": "MODEL_MODE_EXPERT"}
    found = merged(await lines(await page.post(NEW, json=body, headers=SIGNED)))
    assert next(f["modelResponse"] for f in found if "modelResponse" in f)["model"] == "expert"
