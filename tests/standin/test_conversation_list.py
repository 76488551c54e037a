import pytest

BASE = "https://grok.com/rest/app-chat/conversations"


async def get(page, query=""):
    return await (await page.get(f"{BASE}{query}")).json()


@pytest.fixture
def planted(standin):
    titles = ("Tides", "Boats", "Weather")
    said = {"Boats": ["How tall is a mast?", "It depends on the tides there."]}
    return {
        title: standin.control.plant(
            "super", "conversation", title=title, messages=said.get(title, ["Q", "A"])
        )["conversationId"]
        for title in titles
    }


async def test_matches_are_parallel_and_carry_no_ids(page, planted):
    found = await get(page, "?searchQuery=TIDES")
    ids = [item["conversationId"] for item in found["conversations"]]
    assert set(ids) == {planted["Tides"], planted["Boats"]}
    matches = dict(zip(ids, found["textSearchMatches"], strict=True))
    assert matches[planted["Boats"]]["snippet"] == "It depends on the tides there."
    assert matches[planted["Tides"]] == {"field": "title", "snippet": "Tides", "offset": 0}
    assert (await get(page))["textSearchMatches"] == []
    assert (await get(page, "?searchQuery=nothing"))["conversations"] == []


async def test_the_cursor_is_the_id_of_the_last_conversation(page, planted):
    seen, token = [], ""
    for _ in planted:
        found = await get(page, f"?pageSize=1&pageToken={token}")
        seen += [item["conversationId"] for item in found["conversations"]]
        token = found["nextPageToken"]
        assert token in {seen[-1], ""}
    assert sorted(seen) == sorted(planted.values())
    assert token == ""


async def test_a_search_pages_its_matches_too(page, planted):
    first = await get(page, "?searchQuery=tides&pageSize=1")
    assert len(first["textSearchMatches"]) == 1
    second = await get(page, f"?searchQuery=tides&pageSize=1&pageToken={first['nextPageToken']}")
    assert len(second["textSearchMatches"]) == len(second["conversations"]) == 1


async def test_order_and_stars(standin, page, planted):
    await page.put(f"{BASE}/{planted['Boats']}", json={"starred": True})
    old = standin.control.plant("super", "conversation", hours_ago=2)["conversationId"]
    await page.put(f"{BASE}/{old}", json={"title": "Old but renamed"})
    for order in ("CREATE_TIME", "LAST_USE_TIME"):
        found = (await get(page, f"?orderBy=ORDER_BY_{order}"))["conversations"]
        assert [item["title"] for item in found][-1] == "Old but renamed"
    assert len(found) == 4
    starred = await get(page, "?filterIsStarred=true")
    assert [item["title"] for item in starred["conversations"]] == ["Boats"]


async def test_another_accounts_cursor_is_refused(standin, page, planted):
    other = standin.control.plant("heavy", "conversation")["conversationId"]
    assert (await page.get(f"{BASE}?pageToken={other}")).status == 400


async def test_bodies_are_found_whatever_conversation_the_path_names(standin, page, planted):
    other = standin.control.plant("super", "conversation", messages=["Q", "secret A"])
    ids = {"responseIds": other["responseIds"]}
    loaded = await page.post(f"{BASE}/{planted['Tides']}/load-responses", json=ids)
    assert (await loaded.json())["responses"][1]["message"] == "secret A"
    again = await page.post(
        f"{BASE}/reconnect-response", json={"responseId": ids["responseIds"][1]}
    )
    assert "secret A" in await again.text()
    headers = {"Cookie": standin.accounts["heavy"].cookie}
    foreign = await page.get(
        f"{BASE}/reconnect-response?responseId={ids['responseIds'][1]}", headers=headers
    )
    assert foreign.status == 404
