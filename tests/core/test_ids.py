"""Ids are found wherever they stand and however their names are spelled."""

import pytest

from core.ids import (
    IdNames,
    UnreadableError,
    file_id,
    ids_in_json,
    ids_in_query,
    ids_of_kind,
    kinds_of,
    own_fields,
    placed_file,
    plain_name,
)

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NAMES = IdNames(
    {
        "conversationid": "conversation",
        "conversationids": "conversation",
        "sessionid": "conversation",
        "responseids": "response",
        "fileattachments": "file",
        "fileuri": "file",
        "workspaceids": "workspace",
    },
    texts=frozenset({"message", "text"}),
    public=frozenset({"template"}),
)


@pytest.mark.parametrize(
    "name", ["conversationId", "conversation_id", "CONVERSATIONID", "Conversation-Id"]
)
def test_a_name_is_one_name_however_it_is_spelled(name):
    assert ids_in_json({name: "c1"}, NAMES).named == {("conversation", "c1")}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"responseIds": ["a", "b"]}, {("response", "a"), ("response", "b")}),
        ({"event": {"x": [{"session_id": "s"}]}}, {("conversation", "s")}),
        ({"conversationId": 12}, {("conversation", "12")}),
        ({"conversationId": ""}, set()),
        ({"conversationId": None}, set()),
        ({"conversationId": True}, set()),
        ({"workspaceIds": ["template"]}, set()),
        ({"fileAttachments": ["f-1"]}, {("file", "f-1")}),
        ({"fileUri": "users/u/f-2/content"}, {("file", "f-2")}),
        (
            {"image": "https://assets.grok.com/users/u/generated/g-1-part-0/i.jpg"},
            {("file", "g-1")},
        ),
        ({"message": "https://assets.grok.com/users/u/f-3/content"}, set()),
        ([{"conversationIds": [["deep"]]}], {("conversation", "deep")}),
    ],
)
def test_ids_in_json(value, found):
    assert ids_in_json(value, NAMES).named == found


def test_ids_of_one_kind_are_the_same_as_among_all():
    value = {
        "session_id": "s",
        "event": [{"conversationIds": ["a", ["b"]], "responseIds": ["r"], "message": "m"}],
        "conversationId": "",
        "workspaceIds": "template",
    }
    everything = ids_in_json(value, NAMES).named
    for kind in ("conversation", "response", "workspace", "file"):
        expected = {name for each, name in everything if each == kind}
        assert ids_of_kind(value, NAMES, kind) == expected
    deep: object = "x"
    for _ in range(100):
        deep = [deep]
    with pytest.raises(UnreadableError):
        ids_of_kind(deep, NAMES, "file")


def test_an_id_under_a_name_nobody_knows_is_loose():
    found = ids_in_json({"newName": f"x/{UUID}", "text": UUID, "requestId": "short"}, NAMES)
    assert found.loose == {UUID}
    assert found.named == set()


def test_what_nests_without_end_is_unreadable():
    value: object = "x"
    for _ in range(100):
        value = [value]
    with pytest.raises(UnreadableError):
        ids_in_json(value, NAMES)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("conversationIds=a&conversationIds=b", {"a", "b"}),
        ("conversationIds=a,b", {"a", "b"}),
        ("conversationIds%5B%5D=a", {"a"}),
        ("x=1;conversation_id=a", {"a"}),
        ("conversationId=%61", {"a"}),
        ("filter.conversation_id=a", {"a"}),
        ("filter%5BconversationId%5D=a", {"a"}),
        ("conversationId.value=a", {"a"}),
        ("pageSize=60", set()),
    ],
)
def test_ids_in_a_query(query, found):
    assert {name for _, name in ids_in_query(query, NAMES).named} == found


def test_a_url_in_a_query_names_its_file():
    query = "url=https%3A%2F%2Fassets.grok.com%2Fusers%2Fu%2Ff-9%2Fcontent&w=64"
    assert ids_in_query(query, NAMES).named == {("file", "f-9")}


def test_a_route_may_have_names_of_its_own():
    assert ids_in_json({"id": "p"}, NAMES.also({"id": "post"})).named == {("post", "p")}
    assert NAMES.also({}) is NAMES


def test_an_object_speaks_for_itself_and_not_for_its_lists():
    value = {"conversationId": "a", "inner": {"sessionId": "b"}, "many": [{"conversationId": "c"}]}
    assert set(own_fields(value, NAMES)) == {("conversation", "a"), ("conversation", "b")}


def test_without_files_no_file_is_found():
    value = {"fileUri": "users/u/f/content", "src": "users/u/g/content", "sessionId": "s"}
    assert ids_in_json(value, NAMES.without_files()).named == {("conversation", "s")}


def test_small_things():
    assert file_id("img-1-part-12") == "img-1"
    assert placed_file("/users/u/generated/g/image.jpg") == "g"
    assert placed_file("see users") is None
    assert plain_name("file_Metadata-ID") == "filemetadataid"
    assert list(kinds_of("file share")) == ["file", "share"]
    with pytest.raises(ValueError, match="no such kind"):
        kinds_of("colour")
