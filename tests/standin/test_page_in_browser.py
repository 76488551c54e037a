"""The page of the stand-in in a real Chromium, straight from the stand-in, without a mirror."""

import pytest
from playwright.sync_api import expect, sync_playwright

from standin.files import png

pytestmark = [pytest.mark.browser, pytest.mark.loop]


@pytest.fixture(scope="module")
def browser(running_standin, chromium_path):
    rules = f"MAP *:443 127.0.0.1:{running_standin.port}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", f"--host-resolver-rules={rules}"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser, standin):
    sso = standin.accounts["super"].sso
    with browser.new_context(ignore_https_errors=True) as context:
        context.add_cookies(
            [
                {"name": name, "value": sso, "domain": domain, "path": "/", "secure": True}
                for name, domain in (
                    ("sso", ".grok.com"),
                    ("sso-rw", ".grok.com"),
                    ("sso", ".x.ai"),
                )
            ]
        )
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.goto("https://grok.com/")
        tab.wait_for_selector("body[data-ready]")
        yield tab
        assert tab.problems == []


def ask(tab, text):
    tab.locator("div.tiptap.ProseMirror").fill(text)
    tab.get_by_label("Send").click()


def answer(tab):
    return tab.get_by_test_id("assistant-message").last


def test_a_question_is_answered_listed_and_found_again(tab, standin):
    ask(tab, "tell me about https://grok.com/c/1")
    expect(answer(tab)).to_contain_text("You wrote:\n\ntell me about https://grok.com/c/1")
    expect(tab.locator("#conversations a")).to_have_text("tell me about https://grok.com/c/1")
    expect(tab.get_by_test_id("quota")).to_have_text("auto: 49 of 50 left")
    assert "/c/" in tab.url
    tab.reload()
    expect(tab.get_by_test_id("user-message")).to_have_count(1)
    ask(tab, "/think")
    expect(answer(tab)).to_contain_text("It is 42.")
    tab.get_by_role("button", name="New conversation").click()
    expect(tab.get_by_test_id("user-message")).to_have_count(0)
    tab.locator("#conversations a").click()
    expect(tab.get_by_test_id("user-message")).to_have_count(2)
    seen = standin.control.requests(path="/rest/")
    assert {request.statsig for request in seen} == {"right"}


def test_pictures_come_from_the_assets_host(tab):
    ask(tab, "/image a kite")
    tab.wait_for_function("() => document.querySelector('img.generated')?.naturalWidth === 96")
    tab.wait_for_function("() => document.querySelector('#avatar').naturalWidth === 96")


def test_an_upload_is_shown_and_attached(tab):
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": png("up")}
    tab.locator("#file").set_input_files(picture)
    tab.wait_for_function("() => document.querySelector('#files img')?.naturalWidth === 96")
    ask(tab, "what is this?")
    expect(answer(tab)).to_contain_text("Attached: a.png.")


def test_a_stalled_answer_can_be_stopped(tab):
    ask(tab, "/stall")
    expect(answer(tab)).to_contain_text("This answer never")
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_label("Send")).to_be_enabled()


def test_failures_are_said(tab):
    ask(tab, "/limit")
    expect(tab.get_by_role("status")).to_contain_text("usage limit")
    ask(tab, "/cut")
    expect(tab.get_by_role("status")).to_contain_text("connection was lost")


def test_deleting_empties_the_list(tab):
    ask(tab, "to be deleted")
    expect(tab.locator("#conversations a")).to_have_count(1)
    tab.locator("#conversations button").click()
    expect(tab.locator("#conversations a")).to_have_count(0)


def test_sign_out_goes_through_the_accounts_host_and_kills_the_session(tab, standin):
    tab.locator("#out").click()
    expect(tab.get_by_role("status")).to_contain_text("signed out")
    assert standin.control.requests(host="accounts.x.ai", path="/sign-out")
