import pytest

from core.routes import Do, Route, RouteConflictError, RouteTable, parse_route

TABLE = RouteTable(
    [
        Route(path="/", do=Do.PASS),
        Route(path="/rest/conversations", do=Do.PASS, methods=("GET", "POST")),
        Route(path="/rest/conversations/new", do=Do.PASS, methods=("POST",)),
        Route(path="/rest/conversations/{id}", do=Do.PASS, methods=("GET", "DELETE")),
        Route(path="/rest/conversations/{id}/share", do=Do.REFUSE, methods=("POST",)),
        Route(path="/rest/auth/**", do=Do.REFUSE, methods=("GET", "POST")),
        Route(path="/rest/auth/get-user", do=Do.PASS),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        pytest.param("GET", "/", "/", id="the root"),
        pytest.param("POST", "/rest/conversations/new", "/rest/conversations/new", id="a word"),
        pytest.param("GET", "/rest/conversations/new", "/rest/conversations/{id}", id="by method"),
        pytest.param("DELETE", "/rest/conversations/7", "/rest/conversations/{id}", id="an id"),
        pytest.param("DELETE", "/rest/conversations", None, id="delete-all has no row"),
        pytest.param("DELETE", "/rest/conversations/", None, id="an empty id is no id"),
        pytest.param("GET", "/rest/auth/get-user", "/rest/auth/get-user", id="literal beats rest"),
        pytest.param("POST", "/rest/auth/get-user", "/rest/auth/**", id="rest takes the method"),
        pytest.param("GET", "/rest/auth/a/b/c", "/rest/auth/**", id="any depth"),
        pytest.param("GET", "/rest/auth", "/rest/auth/**", id="rest may be nothing"),
        pytest.param("GET", "/rest/other", None, id="unknown"),
        pytest.param("GET", "/REST/conversations", None, id="case counts"),
    ],
)
def test_the_most_specific_row_is_found(method, path, found):
    route = TABLE.find(method, path)
    assert (route.path if route else None) == found


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        pytest.param("GET", "/c/c2g%3D_1", "/c/{id}", id="an id may need its coding"),
        pytest.param("GET", "/c/ABC", "/c/{id}", id="an id has its case"),
        pytest.param("GET", "/Case/x", "/Case/{id}", id="so has a row"),
        pytest.param("DELETE", "/c/%73oft", None, id="a word in disguise is no id"),
        pytest.param("DELETE", "/c/%252573oft", None, id="nor when it is coded thrice"),
        pytest.param("DELETE", "/c/SOFT", None, id="nor in capitals"),
        pytest.param("DELETE", "/c/soft;x=1", None, id="nor with a parameter"),
        pytest.param("DELETE", "/c/%3bx", None, id="a parameter alone is no id"),
        pytest.param("DELETE", "/c/%20", None, id="a space is no id"),
        pytest.param("GET", "/open//shut/x", None, id="two slashes hide nothing"),
        pytest.param("GET", "/open/a%252f..%252fshut", None, id="nor do dots"),
        pytest.param("GET", "/open/%5Blocale%5D/a.js", "/open/**", id="a file with brackets"),
    ],
)
def test_a_path_counts_as_what_others_may_read_in_it(method, path, found):
    table = RouteTable(
        [
            Route(path="/c", do=Do.REFUSE, methods=("DELETE",)),
            Route(path="/c/{id}", do=Do.PASS, methods=("GET", "DELETE")),
            Route(path="/c/soft", do=Do.REFUSE, methods=("DELETE",)),
            Route(path="/Case/{id}", do=Do.PASS),
            Route(path="/open/**", do=Do.PASS),
            Route(path="/open/shut/**", do=Do.REFUSE),
        ]
    )
    route = table.find(method, path)
    assert (route.path if route else None) == found


def test_rows_that_claim_the_same_are_refused():
    with pytest.raises(RouteConflictError, match="GET /a appears twice"):
        RouteTable([Route(path="/a", do=Do.PASS), Route(path="/a", do=Do.REFUSE)])


def test_a_row_is_read_with_its_options():
    route = parse_route({"path": "/x/{id}", "methods": "get post", "first_byte": 5, "do": "answer"})
    assert route == Route(
        path="/x/{id}", do=Do.ANSWER, methods=("GET", "POST", "HEAD"), first_byte=5.0
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"path": "x"}, "must start with /"),
        (
            {"path": "/x", "do": "fly"},
            "do must be one of pass, own",
        ),
        ({"path": "/x", "methods": 3}, "methods must be a list"),
        ({"path": "/x", "opne": True}, "unknown opne"),
        ({"path": "/x", "upload": "yes"}, "upload must be bool"),
    ],
)
def test_a_wrong_row_is_named(row, message):
    with pytest.raises(ValueError, match=message):
        parse_route(row)


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("/users/u/f-1/content", [("file", "f-1")]),
        ("/users/u/f-1-part-0/content", [("file", "f-1")]),
        ("/users/u/%66-1/content", [("file", "f-1")]),
        ("/users/u%252Ftheirs/mine/content", [("file", "")]),
        ("/users/u//theirs/content", [("file", "")]),
        ("/users/u/mine;x=1/content", [("file", "mine")]),
        ("/users/u", [("file", "")]),
    ],
)
def test_the_ids_of_a_path_are_those_that_any_reader_sees(path, ids):
    route = Route(path="/users/{any}/{file}/**", do=Do.OWN)
    assert route.ids_in_path(path) == ids


def test_an_id_of_whatever_kind():
    route = Route(path="/x/{id}/y", do=Do.FILTER)
    assert route.ids_in_path("/x/aBc%3D%3D/y") == [("id", "aBc==")]
