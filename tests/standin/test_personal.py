import pytest

from tests.standin.gateway import gateway, texts
from tests.standin.test_ndjson import ask, lines

REST = "https://grok.com/rest"
MEMORY = f"{REST}/app-chat/memory"


async def answer(page, message="hello", **body):
    """The text of one answer over HTTP."""
    said = await lines(await ask(page, message, **body))
    found = [line["result"].get("response", {}).get("modelResponse") for line in said]
    return next(item["message"] for item in found if item)


async def get(page, path):
    return await (await page.get(f"{REST}{path}")).json()


async def test_what_one_chat_said_is_remembered_in_the_next(page, account):
    await answer(page, "please remember that my cat is called Misu. Thanks")
    assert "Remembered: my cat is called Misu." in await answer(page)
    async with gateway(page, account) as chat:
        heard = await chat.ask(await chat.open(), "hello")
        assert "Misu" in "".join(texts(heard))
        quiet = await chat.ask(await chat.open(disable_memory=True), "hello")
        assert "Misu" not in "".join(texts(quiet))
    assert "Misu" not in await answer(page, disableMemory=True)
    await page.post(f"{REST}/user-settings", json={"enableMemory": False})
    assert "Misu" not in await answer(page)


async def test_memory_is_written_listed_and_forgotten(page):
    made = await (await page.post(MEMORY, json={"content": "likes tea"})).json()
    await page.post(MEMORY, json={"content": "likes rain"})
    assert len((await get(page, "/app-chat/memory"))["memories"]) == 2
    await page.delete(MEMORY, json={"memoryId": made["memoryId"]})
    assert "Remembered: likes rain." in await answer(page)
    await page.delete(MEMORY)
    assert "Remembered" not in await answer(page)


@pytest.mark.parametrize("kind", ["disable_memory", "is_temporary"])
async def test_some_chats_teach_nothing(page, account, kind):
    async with gateway(page, account) as chat:
        await chat.ask(await chat.open(**{kind: True}), "remember that it rains")
    assert (await get(page, "/app-chat/memory"))["memories"] == []


@pytest.mark.parametrize(
    "settings",
    [{"customInstructions": "Rhyme"}, {"agentCustomizations": {"agents": [{"text": "Rhyme"}]}}],
)
async def test_settings_change_every_later_answer(page, account, settings):
    await page.post(f"{REST}/user-settings", json=settings)
    assert "Rhyme" in await answer(page)
    async with gateway(page, account) as chat:
        assert "Rhyme" in "".join(texts(await chat.ask(await chat.open(), "hello")))
        own = await chat.open(custom_instructions="Be brief")
        heard = "".join(texts(await chat.ask(own, "hello")))
    assert "Instructions: Be brief." in heard
    assert "Rhyme" not in heard
    assert "Rhyme" not in await answer(page, disablePersonalization=True)
    assert "Rhyme" not in await answer(page, customInstructions="Be brief")


async def test_system_prompts_are_found_by_name(page):
    made = await page.post(f"{REST}/system-prompt/create", json={"name": "bard", "prompt": "Sing"})
    prompt = (await made.json())["systemPromptId"]
    listed = await page.post(f"{REST}/system-prompt/list", json={"pageSize": 100})
    assert [item["name"] for item in (await listed.json())["prompts"]] == ["bard"]
    assert "System prompt: Sing." in await answer(page, systemPromptName="bard")
    await page.put(f"{REST}/system-prompt/{prompt}", json={"prompt": "Hum"})
    assert (await get(page, f"/system-prompt/{prompt}"))["prompt"] == "Hum"
    assert (await page.delete(f"{REST}/system-prompt/{prompt}")).status == 200


async def test_skills(page):
    made = await page.post(f"{REST}/user-skills", json={"name": "knots", "isShared": True})
    skill = (await made.json())["skillId"]
    for path in ("/user-skills", "/user-skills/shared"):
        assert [item["name"] for item in (await get(page, path))["skills"]] == ["knots"]
    await page.put(f"{REST}/user-skills/{skill}", json={"name": "bends"})
    assert (await get(page, f"/user-skills/{skill}"))["name"] == "bends"
    assert (await page.delete(f"{REST}/user-skills/{skill}")).status == 200


async def test_suggestions_are_made_of_titles(standin, page):
    standin.control.plant("super", "conversation", title="Secret wedding")
    found = (await get(page, "/suggestions/profile"))["suggestions"]
    assert found[0]["label"] == "More about Secret wedding"


async def test_a_parent_in_another_conversation_is_quoted(standin, page):
    ids = standin.control.plant("super", "conversation", messages=["Q", "secret A"])["responseIds"]
    assert "Continuing: secret A" in await answer(page, parentResponseId=ids[1])


async def test_other_accounts_are_untouched(standin, page):
    standin.control.plant("heavy", "memory", content="likes tea")
    standin.control.plant("heavy", "settings", customInstructions="Rhyme")
    said = await answer(page)
    assert "tea" not in said
    assert "Rhyme" not in said
