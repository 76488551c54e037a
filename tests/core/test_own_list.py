"""A list of an account holds what is the caller's and nothing that tells of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import IdNames
from core.own_list import (
    Cursor,
    NoListError,
    OwnList,
    ids_of_page,
    next_token,
    page_size,
    without_foreign,
)
from core.routes import Do, Route

NAMES = IdNames(
    {
        "conversationid": "conversation",
        "workspaceid": "workspace",
        "assetid": "file",
        "sourceconversationid": "conversation",
        "conversationids": "conversation",
    }
)
ROUTE = Route(
    path="/list",
    do=Do.FILTER,
    lists={"conversations": "conversationId"},
    parallel=("textSearchMatches",),
    keep=("usage",),
)


def item(name, **more):
    return {"conversationId": name, "title": f"title of {name}", **more}


def mine(*names, kind="conversation"):
    return frozenset((kind, name) for name in names)


def gather(pages, his, wanted=3, at=None, route=ROUTE):
    """As the proxy does it: page after page from a cursor on."""
    own, cursor = OwnList(route, NAMES, wanted), at or Cursor()
    while True:
        own.add(pages[cursor.token], his, cursor)
        if own.full or own.cursor is None:
            return own
        cursor = own.cursor


def test_what_is_others_and_what_counts_it_is_left_out():
    page = {
        "conversations": [item("a"), item("x"), {"title": "no id"}, "odd", item("b")],
        "textSearchMatches": ["in a", "in x", "in none", "in odd", "in b"],
        "totalCount": 5,
        "usage": {"left": 1},
    }
    own = gather({"": page}, mine("a", "b"), wanted=9)
    assert own.answer == {
        "conversations": [item("a"), item("b")],
        "textSearchMatches": ["in a", "in b"],
        "usage": {"left": 1},
    }


def test_parallel_lists_of_another_length_are_left_out():
    page = {"conversations": [item("a"), item("x")], "textSearchMatches": ["one"]}
    assert gather({"": page}, mine("a")).answer["textSearchMatches"] == []


def test_foreign_things_inside_ones_own_are_cut_out():
    inner = {
        "workspaces": [{"workspaceId": "w"}, {"workspaceId": "theirs"}],
        "task": {"workspaceId": "theirs", "note": "x"},
        "conversationIds": ["a", "theirs"],
    }
    page = {"conversations": [item("a", detail=inner, sourceConversationId="theirs")]}
    own = gather({"": page}, mine("a") | mine("w", kind="workspace"))
    found = own.answer["conversations"][0]
    assert found["sourceConversationId"] == ""
    assert found["detail"] == {
        "workspaces": [{"workspaceId": "w"}],
        "task": None,
        "conversationIds": ["a"],
    }


def test_the_field_of_the_route_decides_and_no_other_id():
    page = {
        "conversations": [
            item("copy of mine", sourceConversationId="a"),
            item("b", sourceConversationId="theirs"),
            {"about": {"conversation_id": "c"}},
        ]
    }
    found = gather({"": page}, mine("a", "b", "c")).answer["conversations"]
    assert found == [item("b", sourceConversationId=""), {"about": {"conversation_id": "c"}}]


def test_pages_are_read_until_there_is_enough():
    pages = {
        "": {"conversations": [item("x"), item("a")], "nextPageToken": "x"},
        "x": {"conversations": [item("y")], "nextPageToken": "y"},
        "y": {"conversations": [item("b"), item("c"), item("d")], "nextPageToken": ""},
    }
    his = mine("a", "b", "c", "d")
    own = gather(pages, his)
    assert [c["conversationId"] for c in own.answer["conversations"]] == ["a", "b", "c"]
    assert own.cursor == Cursor("y", 2)
    rest = gather(pages, his, at=own.cursor)
    assert [c["conversationId"] for c in rest.answer["conversations"]] == ["d"]
    assert rest.cursor is None


@given(
    st.lists(st.lists(st.booleans(), max_size=6), min_size=1, max_size=6),
    st.integers(1, 5),
)
def test_paging_shows_each_of_the_callers_once_and_in_order(shape, wanted):
    pages, owned, number = {}, [], 0
    for place, flags in enumerate(shape):
        elements = []
        for is_his in flags:
            number += 1
            elements.append(item(f"{number}"))
            owned += [f"{number}"] if is_his else []
        token = "" if place == len(shape) - 1 else f"t{place + 1}"
        pages["" if place == 0 else f"t{place}"] = {
            "conversations": elements,
            "nextPageToken": token,
        }
    seen, cursor = [], Cursor()
    for _ in range(50):
        own = gather(pages, mine(*owned), wanted, cursor)
        page = [c["conversationId"] for c in own.answer["conversations"]]
        assert len(page) <= wanted
        seen += page
        if own.cursor is None:
            break
        cursor = own.cursor
    assert seen == owned


@pytest.mark.parametrize("page", [[], "x", None, {"conversations": {"a": 1}}, {"conversations": 3}])
def test_what_is_no_list_is_not_shown(page):
    with pytest.raises(NoListError):
        OwnList(ROUTE, NAMES, 3).add(page, mine("a"), Cursor())


def test_a_list_that_is_missing_or_null_is_empty():
    assert gather({"": {"conversations": None}}, mine("a")).answer["conversations"] == []
    assert gather({"": {}}, mine("a")).answer["conversations"] == []


def test_several_lists_of_one_answer_are_each_cut():
    route = Route(
        path="/x", do=Do.FILTER, lists={"conversations": "conversationId", "assets": "assetId"}
    )
    page = {"conversations": [item("x")], "assets": [{"assetId": "f"}, {"assetId": "g"}]}
    own = gather({"": page}, mine("f", kind="file"), route=route)
    assert own.answer == {"conversations": [], "assets": [{"assetId": "f"}]}


def test_small_things():
    assert ids_of_page({"conversations": [item("a")]}, NAMES) == mine("a")
    assert next_token({"nextPageToken": None, "nextCursor": "n"}) == "n"
    assert next_token({"nextPageToken": 3}) == ""
    assert page_size([]) == 60
    assert page_size(["20"]) == 20
    assert page_size([-1, "x", 10**9]) == 100
    assert without_foreign("text", NAMES, mine("a")) == "text"
