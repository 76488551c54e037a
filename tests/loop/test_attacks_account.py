"""A closed route stays closed however its path is spelled: what Grok may read in it counts."""

import pytest

from tests.loop.test_chat import signed

DISGUISED = {
    "delete-all with an encoded letter": ("DELETE", "/rest/app-chat/conversations/%73oft"),
    "delete-all encoded twice": ("DELETE", "/rest/app-chat/conversations/%2573oft"),
    "delete-all in capitals": ("DELETE", "/rest/app-chat/conversations/Soft"),
    "delete-all with a parameter": ("DELETE", "/rest/app-chat/conversations/soft;a=b"),
    "delete-all, the id a parameter": ("DELETE", "/rest/app-chat/conversations/;a"),
    "delete-all, the id an encoded parameter": ("DELETE", "/rest/app-chat/conversations/%3Ba"),
    "delete-all, the id a space": ("DELETE", "/rest/app-chat/conversations/%20"),
    "delete-all with a space": ("DELETE", "/rest/app-chat/conversations/soft%20"),
    "delete-all with a slash": ("DELETE", "/rest/app-chat/conversations/"),
    "delete-all with two slashes": ("DELETE", "/rest/app-chat/conversations//soft"),
    "sign-out with an encoded letter": ("GET", "/%73ign-out"),
    "session's end with an encoded letter": ("DELETE", "/rest/auth/delete-sessio%6e"),
    "account page with an encoded letter": ("GET", "/settings/%61ccount"),
    "account page in capitals": ("GET", "/settings/Account"),
    "account page with a parameter": ("GET", "/settings/account;x/email"),
    "account page behind two slashes": ("GET", "/settings//billing"),
    "dots encoded twice": ("GET", "/settings/%252e%252e/rest/auth/get-user"),
    "slash encoded twice": ("GET", "/settings/x%252f..%252faccount"),
    "backslash encoded twice": ("GET", "/settings/x%255c..%255caccount"),
    "sign-out asked for by HEAD": ("HEAD", "/sign-out"),
    "sign-out asked for by POST": ("POST", "/sign-out"),
    "account asked for by OPTIONS": ("OPTIONS", "/rest/auth/get-user"),
}


@pytest.mark.parametrize(("method", "path"), DISGUISED.values(), ids=DISGUISED)
def test_no_spelling_opens_a_closed_route(mirror, alice, standin, method, path):
    standin.control.forget_requests()
    headers = signed(mirror) | {"x-http-method-override": "DELETE"}
    # As bytes: the client library would tidy the path up.
    with mirror.connection() as connection:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in {**headers, "cookie": f"mirror_session={alice.cookie}"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        status = connection.getresponse().status
    assert status in (303, 400, 403, 404, 405)
    assert standin.control.requests() == []


@pytest.mark.parametrize(
    "path", ["/images/c2hhcmQtMg%3D%3D_11111111-2222-4333-8444-555555555555", "/images/aBcD"]
)
def test_paths_that_need_their_spelling_still_pass(mirror, alice, standin, path):
    standin.control.forget_requests()
    alice.http.get(mirror.url + path)
    assert [seen.path for seen in standin.control.requests()]


def test_no_header_changes_the_method(mirror, alice, standin):
    names = ("x-http-method-override", "x-http-method", "x-method-override")
    alice.http.get(mirror.url + "/images/a.png", headers=dict.fromkeys(names, "DELETE"))
    (seen,) = standin.control.requests(path="/images/a.png")
    assert not [name for name, _ in seen.headers if "method" in name.lower()]
