"""People in a browser: by an invitation to Grok's page, and what the operator then allows."""

import re

from playwright.sync_api import expect

from tests.browser.tabs import new_tab
from tests.running_mirror import ADMIN_PASSWORD

WIDTHS = (360, 1280)


def open_console(tab, page):
    tab.sign_in_as_admin(ADMIN_PASSWORD)
    open_page(tab, page)


def open_page(tab, page):
    tab.page.get_by_role("link", name="Users").first.click()
    if page != "Users":
        tab.page.get_by_role("main").get_by_role("link", name=page).click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text(page)


def invite(tab):
    """Make an invitation; its link, which is shown once."""
    open_console(tab, "Invitations")
    tab.page.get_by_label("How many may come").fill("2")
    tab.page.get_by_label("Remark").fill("team B")
    tab.page.get_by_role("button", name="Make an invitation").click()
    return tab.page.locator("input.secret").input_value()


def join(tab, link, name):
    tab.page.goto(link + "&lang=en")
    tab.page.get_by_label("User name").fill(name)
    tab.page.get_by_label("Password").fill("a good password")
    tab.page.get_by_role("button", name="Join and sign in").click()
    tab.choose_any_car()


def test_from_an_invitation_to_a_limit_that_is_told_on_groks_own_page(browser, demo):
    with new_tab(browser, demo) as console, new_tab(browser, demo, locale="en-US") as tab:
        join(tab, invite(console), "Invited")
        tab.page.locator("#mode").select_option("fast")
        tab.ask("hello")
        expect(tab.answer).to_contain_text("You wrote")
        tab.wait_for_answer()

        open_page(console, "Users")
        console.page.get_by_role("link", name="Invited", exact=True).click()
        assert [console.sticks_out(width) for width in WIDTHS] == [[], []]
        expect(console.page.get_by_text("team B").first).to_be_visible()
        console.page.get_by_label("Questions a day").fill("2")
        console.page.get_by_role("group", name=re.compile("Modes")).get_by_label("fast").check()
        console.page.get_by_role("button", name="Save").click()
        expect(console.page.get_by_role("status")).to_contain_text("Invited is saved")
        expect(console.page.get_by_label("fast")).to_be_checked()

        tab.page.wait_for_timeout(1500)  # the proxy reads once a second what has changed
        tab.ask("again")
        expect(tab.answer).to_contain_text("again")
        tab.wait_for_answer()
        tab.ask("and again")
        expect(tab.page.get_by_text("asked all your questions of today")).to_be_visible()
        tab.go("/-/me")
        expect(tab.page.locator(".used").first).to_contain_text("2 / 2")
        assert [tab.sticks_out(width) for width in WIDTHS] == [[], []]


def test_a_code_that_is_used_up_says_so_and_keeps_what_was_typed(browser, demo):
    with new_tab(browser, demo) as tab:
        tab.page.goto(f"{demo.url}/-/join?code=nothing&lang=en")
        tab.page.get_by_label("User name").fill("late")
        tab.page.get_by_label("Password").fill("a good password")
        tab.page.get_by_role("button", name="Join").click()
        expect(tab.page.get_by_role("alert")).to_contain_text("used up or over")
        expect(tab.page.get_by_label("User name")).to_have_value("late")
        expect(tab.page.get_by_label("Password")).to_have_value("")
        tab.expect_status(401)


def test_a_pool_is_made_filled_and_unfolded(browser, demo):
    with new_tab(browser, demo) as tab:
        open_console(tab, "Pools")
        tab.page.get_by_label("Name").last.fill("vip")
        tab.page.get_by_role("button", name="Make a pool").click()
        expect(tab.page.get_by_role("row").filter(has_text="vip")).to_be_visible()
        tab.page.get_by_role("link", name="Accounts").first.click()
        tab.page.get_by_label("Select super").check()
        tab.page.get_by_role("button", name="Put in").click()
        expect(tab.page.get_by_role("status")).to_contain_text("1 accounts are put into the pool")
        tab.page.goto(f"{demo.admin_url}/admin/pools")
        tab.page.get_by_label("Open vip").click()
        expect(tab.page.get_by_label("Name").first).to_have_value("vip")
        assert [tab.sticks_out(width) for width in WIDTHS] == [[], []]
        tab.page.get_by_role("button", name="Delete").click()
        expect(tab.page.get_by_role("status")).to_contain_text("vip is deleted")
