"""What nobody has described is remembered by its shape, and opens no other people's things."""

import pytest

from core.ids import ANY
from core.routes import Do, RouteTable
from core.unknown_routes import EVENT, UnknownRoute, allowed_row, unknown_event, unknown_route

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/rest/new-thing", "/rest/new-thing"),
        (f"/rest/new-thing/{UUID}/part", "/rest/new-thing/{id}/part"),
        ("/rest/list-v3", "/rest/list-v3"),
        ("/rest/v2/x", "/rest/v2/x"),
        ("/rest/12", "/rest/{id}"),
        ("/rest/aB3dEf", "/rest/{id}"),
        ("/rest/", "/rest/{id}"),
        ("/a.b.C/Method", "/a.b.C/Method"),
    ],
)
def test_ids_are_no_part_of_a_shape(path, shape):
    assert unknown_route("GET", "grok.com", path) == UnknownRoute("GET", "grok.com", shape)


@pytest.mark.parametrize(
    ("method", "path"), [("TRACE", "/x"), ("GET", "/é"), ("GET", "/a" * 20), ("OPTIONS", "/x")]
)
def test_what_could_never_be_allowed_is_not_counted(method, path):
    assert unknown_route(method, "grok.com", path) is None


def test_events_have_names():
    assert unknown_event("custom_method.call") == UnknownRoute(EVENT, "", "custom_method.call")
    assert unknown_event("") is None
    assert unknown_event("<script>") is None


def test_what_is_allowed_asks_whose_the_ids_are_and_cuts_the_answer():
    row = allowed_row(UnknownRoute("GET", "grok.com", "/rest/new/{id}/part"))
    assert row.do is Do.FILTER
    assert not row.lists
    assert row.ids_in_path(f"/rest/new/{UUID}/part") == [(ANY, UUID)]
    table = RouteTable([row])
    assert table.find("HEAD", f"/rest/new/{UUID}/part") is row
    assert table.find("POST", f"/rest/new/{UUID}/part") is None
