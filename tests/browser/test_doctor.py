"""The Diagnose page: one click, a report that grows, and other pages answer meanwhile."""

import pytest
from playwright.sync_api import expect

from tests.browser.tabs import new_tab
from tests.running_mirror import ADMIN_PASSWORD


def open_doctor(tab):
    tab.sign_in_as_admin(ADMIN_PASSWORD)
    tab.page.get_by_role("link", name="Diagnose").first.click()
    expect(tab.page.get_by_role("heading", name="Diagnose")).to_be_visible()


def line(tab, words):
    return tab.page.locator(".findings > li").filter(has_text=words)


def test_one_click_examines_everything_and_asks_grok_when_told_to(tab):
    open_doctor(tab)
    tab.page.get_by_label("Ask one question too").check()
    tab.page.get_by_role("button", name="Examine").click()
    expect(tab.page.locator(".over")).to_contain_text("0 failed", timeout=30_000)
    expect(tab.page.get_by_text("Looking…")).to_be_hidden()
    expect(line(tab, "Database")).to_contain_text("SQLite is sound")
    expect(line(tab, "Egress direct")).to_contain_text("127.0.0.1 FI")
    expect(line(tab, "TLS grok.com")).to_contain_text("certificate good")
    expect(line(tab, "WebSocket")).to_contain_text("the handshake is accepted")
    expect(line(tab, "Question")).to_contain_text("a temporary chat was answered")
    tab.page.reload()
    expect(tab.page.locator(".findings > li").first).to_contain_text("Versions")
    expect(line(tab, "Question")).to_contain_text("a temporary chat was answered")
    assert tab.seen.unexpected() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_needs_no_script(browser, demo, scheme):
    phone = {"width": 360, "height": 760}
    with new_tab(
        browser, demo, java_script_enabled=False, viewport=phone, color_scheme=scheme
    ) as tab:
        open_doctor(tab)
        tab.page.get_by_role("button", name="Examine").click()
        expect(tab.page.locator(".over")).to_contain_text("0 failed", timeout=30_000)
        tab.page.get_by_role("link", name="Accounts").first.click()
        expect(tab.page.get_by_role("heading", name="Accounts")).to_be_visible()
