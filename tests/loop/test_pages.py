"""The mirrored pages: where their URLs lead, what their headers say, what a visitor may open."""

import re

import pytest
import requests

UPSTREAM_NAMES = re.compile(
    r"(?<![\w.-])(?:https?:|wss?:)?(?:\\?/|\\u002[fF]){2}(?:www\.|cdn\.|assets\.|livekit\.)?grok\.com(?![\w-]|\.\w)"
)


def get(url, **headers):
    return requests.get(url, headers=headers, allow_redirects=False, timeout=10)


def test_a_page_names_the_mirror_wherever_it_named_grok(mirror, alice):
    page = alice.http.get(mirror.url + "/").text
    assert not UPSTREAM_NAMES.search(page)
    assert f"{mirror.url}/-/cdn.grok.com/_next/static/" in page
    assert f"{mirror.url}/-/assets.grok.com/".replace("/", "\\/") in page
    assert mirror.url.replace("http", "ws").replace("/", "\\u002F") + "\\u002Fws\\u002Fmgw" in page
    assert 'name="grok-site-verification"' in page
    assert ' integrity="sha' not in page


def test_scripts_and_styles_come_through_the_mirror(mirror, alice):
    page = alice.http.get(mirror.url + "/").text
    urls = re.findall(rf"{re.escape(mirror.url)}/-/cdn\.grok\.com/[\w./-]+\.(?:js|css)", page)
    assert urls
    for url in urls:
        answer = alice.http.get(url)
        assert answer.status_code == 200
        assert not UPSTREAM_NAMES.search(answer.text)


def test_static_files_are_fetched_without_the_account(mirror, alice, standin):
    page = alice.http.get(mirror.url + "/").text
    url = re.search(rf"{re.escape(mirror.url)}/-/cdn\.grok\.com/[\w./-]+\.js", page)[0]
    standin.control.forget_requests()
    alice.http.get(url)
    (seen,) = standin.control.requests(host="cdn.grok.com")
    assert seen.header("cookie") is None


def test_the_policy_lets_nothing_leave_the_mirror(mirror, alice):
    policy = alice.http.get(mirror.url + "/").headers["content-security-policy"]
    assert "grok.com" not in policy
    assert "featureassets" not in policy
    assert "report-uri /-/csp-report" in policy


def test_headers_that_would_bind_our_domain_stay_behind(mirror, alice):
    headers = alice.http.get(mirror.url + "/").headers
    for name in ("strict-transport-security", "nel", "report-to", "alt-svc", "server"):
        assert name not in headers


def test_of_groks_cookies_only_the_listed_ones_arrive_and_for_this_host_only(mirror, alice):
    cookies = alice.http.get(mirror.url + "/").raw.headers.getlist("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["i18nextLng"]
    assert "domain" not in cookies[0].lower()


def test_a_visitor_is_led_to_sign_in(mirror, standin):
    answer = get(mirror.url + "/c/1?rid=2", accept="text/html")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/-/sign-in?next=/c/1%3Frid%3D2"
    assert get(mirror.url + "/rest/app-chat/conversations").status_code == 401
    assert standin.control.requests(host="grok.com") == []


def test_an_invented_session_is_no_session(mirror):
    assert get(mirror.url + "/", cookie="mirror_session=" + "A" * 43).status_code == 401


def test_two_session_cookies_are_believed_neither(mirror, alice):
    twice = f"mirror_session=x; mirror_session={alice.cookie}"
    assert get(mirror.url + "/", cookie=twice).status_code == 401


def test_unknown_routes_never_reach_grok(mirror, alice, standin):
    answer = alice.http.get(mirror.url + "/rest/brand-new/thing")
    assert answer.status_code == 404
    assert standin.control.requests(path="/rest/brand-new") == []


def test_the_three_ways_in_give_three_origins(mirror, alice):
    local = alice.http.get(mirror.url + "/").text
    lan = alice.http.get(mirror.url + "/", headers={"host": "192.168.7.7:8080"}).text
    assert mirror.url in local
    assert "http://192.168.7.7:8080/-/cdn.grok.com/" in lan
    assert "ws:\\u002F\\u002F192.168.7.7:8080" in lan


def test_a_redirect_to_an_absolute_url_stays_on_the_mirror(mirror, alice, standin):
    seen = alice.http.get(mirror.url + "/chat/old-id", allow_redirects=False)
    if seen.status_code in (301, 302, 307, 308):
        assert seen.headers["location"].startswith(mirror.url)


def test_images_come_with_the_account_and_in_a_sandbox(mirror, alice, standin):
    said = alice.http.post(
        mirror.url + "/rest/app-chat/conversations/new",
        json={"message": "/image a red kite", "modeId": "fast"},
        headers={"x-statsig-id": "toy-signature", "origin": mirror.url},
    ).text
    path = re.search(r'"imageUrl":"(users/[^"]+)","seq":1', said)[1]
    answer = alice.http.get(f"{mirror.url}/-/assets.grok.com/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.content[:4] == b"\x89PNG"


@pytest.mark.parametrize("path", ["/-/nowhere.example/x", "/-/grok.com.evil.example/", "/-/x"])
def test_hosts_that_are_not_mapped_do_not_exist(mirror, alice, path, standin):
    standin.control.forget_requests()
    assert alice.http.get(mirror.url + path).status_code == 404
    assert standin.control.requests() == []


def test_health_says_only_ok(mirror):
    answer = get(mirror.url + "/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_what_the_policy_stopped_is_named_in_the_log(mirror):
    report = {"csp-report": {"blocked-uri": "https://featureassets.org/v1/initialize"}}
    for _ in range(2):
        assert (
            requests.post(mirror.url + "/-/csp-report", json=report, timeout=5).status_code == 204
        )
    assert mirror.log_text().count("a page tried to reach featureassets.org") == 1
