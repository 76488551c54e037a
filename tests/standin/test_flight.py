"""The account's data inside the HTML, read as the page's scripts would."""

import json
import re

import pytest

_PUSH = re.compile(r'self\.__next_f\.push\(\[1,("(?:[^"\\]|\\.)*")\]\)')


def pushed(page):
    """The texts of all pushes of a page, in order."""
    return [json.loads(text) for text in _PUSH.findall(page)]


def rows(text):
    """Number → JSON or long text; T rows are counted in bytes."""
    found, raw = {}, text.encode()
    while raw:
        number, _, rest = raw.partition(b":")
        if rest.startswith(b"T"):
            size, _, rest = rest[1:].partition(b",")
            found[number.decode()] = rest[: int(size, 16)].decode()
            raw = rest[int(size, 16) :]
        else:
            line, _, raw = rest.partition(b"\n")
            found[number.decode()] = json.loads(line)
    return found


@pytest.fixture
def planted(standin):
    standin.control.plant("super", "memory", content="likes tea\n9:{}")
    titles = ("Grüße </script><b>", "2:{}", "Secret wedding")
    return {
        title: standin.control.plant(
            "super", "conversation", title=title, messages=["Q", f"A of {title}"]
        )["conversationId"]
        for title in titles
    }


async def read(page, path, **headers):
    return await (await page.get(f"https://grok.com{path}", headers=headers)).text()


@pytest.mark.parametrize("path", ["/", "/project/1", "/c/unknown", "/files"])
async def test_every_page_carries_the_account(page, account, planted, path):
    text = await read(page, path)
    parts = pushed(text)
    found = rows("".join(parts[1:]))
    shell = found["5"][3]
    assert {c["conversationId"] for c in shell["conversations"]} == {*planted.values()}
    assert {c["title"] for c in shell["conversations"]} == {*planted}
    assert shell["user"] == {"userId": account.user_id, "email": account.email}
    assert "enableMemory" in shell["settings"]
    assert "Secret wedding" in found["7"]
    assert "likes tea\n9:{}" in found["7"]
    assert "</script><b>" not in text


async def test_a_row_is_cut_through_an_id(page, planted):
    first, second, third = pushed(await read(page, "/"))
    assert first.startswith("3:")
    assert not any(second.endswith(whole) or third.startswith(whole) for whole in planted.values())
    assert any(
        whole[:18] == second[-18:] and third.startswith(whole[18:]) for whole in planted.values()
    )


async def test_the_sidebar_is_rendered_on_the_server(page, planted):
    text = await read(page, "/")
    assert f'<a href="/c/{planted["Secret wedding"]}">Secret wedding</a>' in text
    assert "Grüße &lt;/script&gt;&lt;b&gt;</a>" in text


async def test_the_page_of_a_conversation_carries_its_words(page, planted):
    text = await read(page, f"/c/{planted['Secret wedding']}?rid=1")
    assert "<title>Secret wedding - Grok</title>" in text
    found = rows("".join(pushed(text)[1:]))
    assert found["a"]["responses"][1]["message"] == "A of Secret wedding"


@pytest.mark.parametrize("how", ["query", "header"])
async def test_a_soft_navigation_carries_the_same(page, planted, how):
    path = f"/c/{planted['2:{}']}"
    text = await read(page, f"{path}?_rsc=1") if how == "query" else await read(page, path, rsc="1")
    found = rows(text)
    assert found["0"][0] == "standin"
    assert len(found["5"][3]["conversations"]) == 3
    assert found["a"]["responses"][1]["message"] == "A of 2:{}"


async def test_nothing_for_visitors_and_other_accounts(standin, page, visitor, planted):
    path = f"/c/{planted['Secret wedding']}"
    assert "wedding" not in await read(visitor, path)
    assert "wedding" not in await read(page, path, Cookie=standin.accounts["heavy"].cookie)
