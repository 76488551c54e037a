"""A page tells of nobody but the caller: in its flight payload, its markup and its scripts."""

import html
import json

import pytest

from core.ids import IdNames
from core.page_filter import LARGEST, PageFilter, PageTooLongError

NAMES = IdNames(
    {
        "conversationid": "conversation",
        "responseid": "response",
        "workspaceid": "workspace",
        "fileuri": "file",
    },
    texts=frozenset({"title", "message"}),
)
MINE = frozenset({("conversation", "mine-1"), ("response", "r-mine"), ("workspace", "w-mine")})
SECRETS = ("Their title", "theirs-1", "owner@example.org", "be rude", "remembered fact")


def conversation(name, title):
    return {"conversationId": name, "title": title}


SHELL = [
    "$",
    "$L6",
    None,
    {
        "user": {"userId": "u", "email": "owner@example.org"},
        "settings": {"customInstructions": "be rude", "enableMemory": True},
        "conversations": [
            conversation("mine-1", "My title"),
            conversation("theirs-1", "Their title"),
        ],
        "open": conversation("theirs-1", "Their title"),
        "links": [
            ["$", "a", "mine-1", {"href": "/c/mine-1", "children": "My title"}],
            ["$", "a", "theirs-1", {"href": "/c/theirs-1", "children": "Their title"}],
        ],
        "next": "/c/theirs-1?rid=x",
        "digest": "$7",
    },
]
FACT = "remembered fact 日本\n"


def flight():
    text = f"5:{json.dumps(SHELL, ensure_ascii=False)}\n"
    text += f"7:T{len(FACT.encode()):x},{FACT}"
    return text + '8:["$","title","0",{"children":"Grok"}]\n'


def page(pieces):
    pushes = "".join(
        f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces
    )
    links = "".join(
        f'<a class="x" href="/c/{name}"><b>{html.escape(title)}</b></a>'
        for name, title in (("mine-1", "My title"), ("theirs-1", "Their title"))
    )
    data = json.dumps({"conversations": SHELL[3]["conversations"]})
    return (
        f"<html><head><title>Grok</title></head><body>{links}"
        f'<script id="__NEXT_DATA__" type="application/json">{data}</script>{pushes}</body></html>'
    ).encode()


def filtered(text, *, is_html=True, cut=None):
    stage = PageFilter(MINE, NAMES, is_html=is_html)
    cut = len(text) if cut is None else cut
    return stage.feed(text[:cut]) + stage.feed(text[cut:]) + stage.flush()


def assert_clean(text):
    for secret in SECRETS:
        assert secret.encode() not in text, secret
    assert b"My title" in text
    assert b"mine-1" in text


@pytest.mark.parametrize("cut", range(0, len(flight()), 7))
def test_wherever_the_payload_is_cut_into_pushes(cut):
    text = flight()
    assert_clean(filtered(page([text[:cut], text[cut:]])))


@pytest.mark.parametrize("number", [2, 5, 40])
def test_many_pushes(number):
    text = flight()
    size = len(text) // number + 1
    assert_clean(filtered(page([text[at : at + size] for at in range(0, len(text), size)])))


def test_wherever_the_page_is_cut():
    text = page([flight()])
    whole = filtered(text)
    assert all(filtered(text, cut=cut) == whole for cut in range(0, len(text), 97))


def test_a_payload_by_itself():
    assert_clean(filtered(flight().encode(), is_html=False))


def test_what_needs_no_change_keeps_its_bytes():
    row = '3:["$","img",null,{\\"src\\":\\"https:\\/\\/assets.grok.com\\/users\\/u\\/p\\"}]\\n'
    text = f'<script>self.__next_f.push([1,"{row}"])</script><p>x</p>'.encode()
    assert filtered(text) == text


def test_a_text_of_ones_own_stays():
    own = {"conversation": {**conversation("mine-1", "My title"), "note": "$7"}}
    text = f"5:{json.dumps(own)}\n7:T4,longa:null\n"
    assert filtered(text.encode(), is_html=False) == text.encode()


@pytest.mark.parametrize("text", ["no rows at all", "<<<>>>"])
def test_a_payload_nobody_can_read_is_not_shown(text):
    assert text.encode() not in filtered(page([text]))
    assert filtered(text.encode(), is_html=False) == b"0:null\n"


def test_a_script_of_data_nobody_can_read_is_not_shown():
    text = b'<script type="application/json">{"title": "Their title"</script>'
    assert filtered(text) == b'<script type="application/json">null</script>'


def test_a_page_is_not_endless():
    stage = PageFilter(MINE, NAMES, is_html=True)
    stage.feed(b"x" * LARGEST)
    with pytest.raises(PageTooLongError):
        stage.feed(b"x")
