"""The mirror's own pages on every screen: nothing sticks out, nothing is fetched from elsewhere."""

import pytest
from playwright.sync_api import expect

from core.error_page import LANGUAGE_COOKIE
from tests.browser.tabs import new_tab
from tests.running_mirror import ADMIN_PASSWORD

OPEN = ("/-/sign-in", "/-/link/no-such-link", "/-/cars", "/-/me", "/-/sign-out", "/-/join")
CONSOLE = (
    *("/admin", "/admin/accounts", "/admin/accounts?q=nobody", "/admin/accounts/1"),
    *(
        "/admin/import",
        "/admin/export",
        "/admin/egresses",
        "/admin/users",
        "/admin/users/1",
        "/admin/pools",
        "/admin/invites",
    ),
)
ERRORS = ("/no/such/page", "/settings/billing/plan", "/-/auth.x.ai/sign-in")
WIDTHS = (360, 1280)


@pytest.fixture(scope="module")
def signed_in(browser, demo):
    """What a profile has kept that is signed in on both sides."""
    with new_tab(browser, demo) as tab:
        tab.sign_in()
        expect(tab.page.get_by_label("Password")).to_have_count(0)
        tab.sign_in_as_admin(ADMIN_PASSWORD)
        expect(tab.page.get_by_role("navigation")).to_be_visible()
        kept = tab.context.storage_state()
        kept["cookies"] = [one for one in kept["cookies"] if one["name"] != LANGUAGE_COOKIE]
        return kept


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_speak_and_load_only_from_here(browser, demo, signed_in, scheme, language):
    options = {"color_scheme": scheme, "locale": language, "storage_state": signed_in}
    with new_tab(browser, demo, **options) as tab:
        for url in _pages(demo):
            tab.page.goto(url)
            assert [tab.sticks_out(width) for width in WIDTHS] == [[], []], url
            assert tab.is_dark() == (scheme == "dark"), url
            assert tab.page.locator("html").get_attribute("lang") == _tag(language), url
            assert tab.page.title(), url
        tab.expect_status(403)
        tab.expect_status(404)
        assert tab.seen.outside(demo.url, demo.admin_url) == []


def _pages(system):
    admin = (system.admin_url + path for path in (*CONSOLE, "/nowhere"))
    return (*(system.url + path for path in (*OPEN, *ERRORS)), *admin)


def _tag(language):
    return {"zh-CN": "zh-CN", "en-US": "en"}[language]


def test_the_language_one_has_chosen_holds_on_every_page(tab):
    tab.sign_in()
    tab.go("/-/me?lang=zh")
    for path in ("/-/me", "/-/cars", "/no/such/page"):
        tab.go(path)
        expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")
    tab.expect_status(404)


def test_choosing_a_car_leads_to_it(tab):
    tab.sign_in()
    tab.go("/-/cars")
    tab.page.get_by_role("button", name="super").click()
    tab.wait_for_grok()
    tab.go("/-/me")
    expect(tab.page.locator("dd").first).to_contain_text("super")
    tab.page.get_by_role("link", name="Change").click()
    expect(tab.page.locator("[aria-current]")).to_contain_text("super")
    tab.page.get_by_role("button", name="Automatic").click()
    tab.wait_for_grok()


def test_a_car_that_turns_out_to_be_blocked_is_left_by_itself(tab):
    tab.sign_in()
    tab.go("/-/cars")
    blocked = tab.page.get_by_role("button", name="blocked")
    if blocked.is_enabled():  # else an earlier visitor was put on it, and has found out
        blocked.click()
        expect(tab.page.get_by_role("status")).to_have_text("This account is blocked.")
        tab.go("/-/cars")
    expect(tab.page.get_by_role("button", name="blocked")).to_be_disabled()
    tab.go("/")
    tab.wait_for_grok()
    tab.go("/-/me")
    expect(tab.page.locator("dl")).not_to_contain_text("blocked")


def test_a_browser_can_be_signed_out_from_another(browser, demo):
    with new_tab(browser, demo) as lost, new_tab(browser, demo) as kept:
        lost.sign_in()
        kept.sign_in()
        kept.go("/-/me")
        kept.page.get_by_role("button", name="Sign out everywhere").click()
        expect(kept.page).to_have_url(f"{demo.url}/-/sign-in")
        lost.go("/-/me")
        expect(lost.page.get_by_label("Password")).to_be_visible()
