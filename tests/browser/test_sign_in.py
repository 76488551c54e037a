"""In and out: password, one-time link, sign-out, and one profile used by two people."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import new_tab

BOB_PASSWORD = "a-password-for-bob"


@pytest.fixture(scope="module")
def bob(demo):
    demo.command("user", "add", "bob", "--password-stdin", said=f"{BOB_PASSWORD}\n")
    return "bob"


def test_a_wrong_password_is_said_and_the_name_is_kept(tab):
    tab.sign_in(password="not-the-password")
    expect(tab.page.get_by_role("alert")).to_have_text("Wrong user name or password. Try again.")
    expect(tab.page.get_by_label("User name")).to_have_value(tab.system.user)
    expect(tab.page.get_by_label("Password")).to_have_value("")
    tab.expect_status(401)


def test_a_visitor_is_led_to_sign_in_and_back_to_where_he_wanted_to_go(tab):
    tab.go("/imagine")
    expect(tab.page).to_have_url(re.compile(r"/-/sign-in\?next="))
    tab.page.get_by_role("link", name="中文").click()
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")
    tab.page.get_by_label("用户名").fill(tab.system.user)
    tab.page.get_by_label("密码").fill(tab.system.password)
    tab.page.get_by_role("button", name="登录").click()
    expect(tab.page).to_have_url(f"{tab.system.url}/imagine")


def test_a_link_signs_in_once(browser, demo):
    link = demo.command("user", "link", demo.user).split()[-1]
    with new_tab(browser, demo) as first:
        first.page.goto(link)
        first.page.get_by_role("button", name="Sign in as demo").click()
        expect(first.page).to_have_url(re.compile(r"(/|/-/cars)$"))
        first.go("/-/me")
        expect(first.page.get_by_role("heading", name="demo")).to_be_visible()
    with new_tab(browser, demo) as second:
        second.page.goto(link)
        expect(second.page.get_by_role("link", name="Sign in")).to_be_visible()
        second.expect_status(404)


def test_the_demos_own_link_works(tab):
    tab.page.goto(tab.system.link)
    tab.page.get_by_role("button", name="Sign in as demo").click()
    tab.go("/-/me")
    expect(tab.page.get_by_role("heading", name="demo")).to_be_visible()


def test_signing_out_of_grok_ends_the_mirror_session_only(grok):
    account = grok.page.locator("#who").inner_text()
    grok.page.get_by_role("link", name="Sign out").click()
    expect(grok.page).to_have_url(f"{grok.system.url}/-/sign-out")
    grok.page.get_by_role("button", name="Sign out").click()
    expect(grok.page).to_have_url(f"{grok.system.url}/-/sign-in")
    grok.go("/")
    expect(grok.page).to_have_url(re.compile("/-/sign-in"))
    grok.sign_in()
    grok.wait_for_grok()
    expect(grok.page.locator("#who")).to_have_text(account)
    grok.ask("still alive?")
    expect(grok.answer).to_contain_text("still alive?")


def test_who_signs_in_next_finds_nothing_of_the_last(grok, bob):
    grok.ask("a secret of the first user")
    expect(grok.answer).to_contain_text("a secret of the first user")
    grok.wait_for_answer()
    left = grok.page.url
    grok.leave_traces()
    assert grok.traces() == ["database", "local", "session"]
    grok.go("/-/sign-out")
    grok.page.get_by_role("button", name="Sign out").click()
    expect(grok.page).to_have_url(f"{grok.system.url}/-/sign-in")
    grok.sign_in(bob, BOB_PASSWORD)
    expect(grok.page).to_have_url(f"{grok.system.url}/-/cars")
    assert grok.traces() == []
    grok.page.get_by_role("button", name="heavy").click()
    grok.wait_for_grok()
    expect(grok.page.locator("#conversations a")).to_have_count(0)
    grok.page.goto(left)
    grok.page.wait_for_load_state("networkidle")
    expect(grok.page.locator("body")).not_to_contain_text("a secret of the first user")
    grok.expect_status(404)
