"""The operator's console in a browser: with JavaScript and without, and with odd words in it."""

import re
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.tabs import new_tab
from tests.running_mirror import ADMIN_PASSWORD


def open_accounts(tab):
    tab.sign_in_as_admin(ADMIN_PASSWORD)
    tab.page.get_by_role("link", name="Accounts").first.click()
    expect(tab.page.get_by_role("table")).to_be_visible()


def test_accounts_are_tested_against_grok_from_the_list(tab):
    open_accounts(tab)
    tab.page.get_by_label("Select this page").check()
    tab.page.locator("fieldset").get_by_role("button", name="Test").click()
    notice = tab.page.locator(".notice")
    expect(notice).to_contain_text("5 tested, 4 of them well")
    expect(notice.get_by_role("listitem").filter(has_text="blocked")).to_contain_text("Blocked")
    row = tab.page.get_by_role("row").filter(has_text="heavy")
    expect(row).to_contain_text("he••••y@example.org")
    expect(row).to_contain_text("Heavy")
    expect(row).to_contain_text("Usable")


def test_a_deleted_account_comes_back(tab):
    open_accounts(tab)
    tab.page.get_by_role("link", name="Open spare").click()
    tab.page.get_by_role("button", name="Delete").click()
    expect(tab.page.get_by_role("status")).to_contain_text("1 accounts deleted")
    expect(tab.page.get_by_role("row").filter(has_text="spare")).to_have_count(0)
    tab.page.get_by_role("button", name="Undo").click()
    expect(tab.page.get_by_role("row").filter(has_text="spare")).to_have_count(1)


def test_the_console_works_without_javascript(browser, demo):
    with new_tab(browser, demo, java_script_enabled=False) as tab:
        open_accounts(tab)
        tab.page.get_by_label("Select free").check()
        tab.page.locator("fieldset").get_by_role("button", name="Switch off").click()
        expect(tab.page.get_by_role("status")).to_contain_text("1 accounts switched off")
        tab.page.get_by_role("button", name="Undo").click()
        expect(tab.page.get_by_role("row").filter(has_text="free")).to_contain_text("Usable")


def test_a_slash_leads_to_the_search_and_words_stay_words(tab):
    open_accounts(tab)
    tab.page.keyboard.press("/")
    tab.page.keyboard.type('"><img src=x>')
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="No account matches")).to_be_visible()
    expect(tab.page.get_by_role("searchbox")).to_have_value('"><img src=x>')


def test_an_egress_is_added_tested_and_deleted(tab):
    tab.sign_in_as_admin(ADMIN_PASSWORD)
    tab.page.get_by_role("link", name="Egresses").first.click()
    tab.page.get_by_label("Addresses").fill("http://me:secret-word@127.0.0.1:1")
    tab.page.get_by_role("button", name="Add egresses").click()
    row = tab.page.get_by_role("row").filter(has_text="http://***@127.0.0.1:1")
    row.get_by_role("button", name="Test").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("cannot be reached")
    row.get_by_role("button", name="Delete").click()
    expect(tab.page.get_by_role("heading", name="Delete the last egress?")).to_be_visible()
    tab.page.get_by_role("button", name="Delete and go direct").click()
    expect(tab.page.get_by_role("heading", name="No egress")).to_be_visible()
    assert "secret-word" not in tab.system.log_text()


def test_a_new_user_signs_in_with_the_link_that_is_shown(browser, demo):
    with new_tab(browser, demo) as tab:
        tab.sign_in_as_admin(ADMIN_PASSWORD)
        tab.page.get_by_role("link", name="Users").first.click()
        tab.page.get_by_label("User name").fill("newcomer")
        tab.page.get_by_role("button", name="Add user").click()
        link = tab.page.locator(".secret").input_value()
    with new_tab(browser, demo) as tab:
        tab.page.goto(link)
        tab.page.get_by_role("button", name="Sign in as newcomer").click()
        expect(tab.page.get_by_role("button", name="Automatic")).to_be_visible()


def test_a_request_is_on_record_with_the_reason_for_its_account(browser, demo):
    with new_tab(browser, demo) as tab:
        tab.sign_in()
        asked = tab.page.request.get(f"{demo.url}/")
        assert asked.status == 200
    with new_tab(browser, demo) as tab:
        tab.sign_in_as_admin(ADMIN_PASSWORD)
        tab.page.get_by_role("link", name="Requests").first.click()
        tab.page.get_by_label("Caller").fill("demo")
        tab.page.get_by_role("button", name="Filter").click()
        tab.page.wait_for_url("**caller=demo*")
        rows = tab.page.locator(".records details")
        line = rows.filter(has_text=re.compile("The user('s car| had no car)|chosen himself")).first
        expect_after_reloads(tab, line, tab.page.reload)
        line.locator("summary").click()
        expect(line).to_contain_text("Why this account")
        tab.page.get_by_role("link", name="Any failure").click()
        assert "outcome=any_failure" in tab.page.url
        assert "caller=demo" in tab.page.url


def expect_after_reloads(tab, wanted, ask_again):
    """Records are written together every two seconds."""
    for _ in range(5):
        ask_again()
        tab.page.wait_for_load_state()
        if wanted.count():
            return
        tab.page.wait_for_timeout(1000)
    expect(wanted).to_be_visible()


def test_a_key_made_in_the_browser_opens_the_api(browser, demo):
    with new_tab(browser, demo) as tab:
        tab.sign_in_as_admin(ADMIN_PASSWORD)
        tab.page.get_by_role("link", name="API keys").first.click()
        summary = tab.page.locator("summary").filter(has_text="New key")
        if not tab.page.get_by_label("Calls a minute").is_visible():
            summary.click()
        tab.page.get_by_label("Name").fill("from the browser")
        tab.page.get_by_label("Models allowed").fill("grok-*")
        tab.page.locator("form.sheet").get_by_role("button", name="New key").click()
        key = tab.page.locator(".secret").input_value()
        link = tab.page.get_by_role("link", name="Cherry Studio").get_attribute("href")
        assert link.startswith("cherrystudio://")
        headers = {"Authorization": f"Bearer {key}"}
        models = requests.get(f"{demo.url}/v1/models", headers=headers, timeout=10)
        assert models.status_code == 200
        tab.page.get_by_role("button", name="Switch off").click()
        refused = requests.get(f"{demo.url}/v1/models", headers=headers, timeout=10)
        assert refused.status_code == 401
        tab.page.get_by_role("button", name="Delete").click()
        tab.page.get_by_role("button", name="Delete").click()
        expect(tab.page.get_by_role("status")).to_contain_text("from the browser is deleted")


def test_a_paused_account_is_left_out_and_the_record_says_so(browser, demo):
    with new_tab(browser, demo) as tab:
        open_accounts(tab)
        tab.page.get_by_role("link", name="Open heavy").click()
        tab.page.get_by_label("Hours").fill("2")
        tab.page.get_by_role("button", name="Pause (hours)").click()
        expect(tab.page.locator(".facts")).to_contain_text("Cooling until")
        tab.page.goto(f"{demo.admin_url}/admin/records?caller=env&lang=en")

        def ask_again():  # the proxy looks at its accounts once a second
            ask_the_api(demo)
            tab.page.reload()

        skipped = tab.page.locator(".records").filter(
            has_text=re.compile(r"skipped \(resting\): [^.]*heavy")
        )
        expect_after_reloads(tab, skipped, ask_again)
        tab.page.goto(f"{demo.admin_url}/admin/accounts?lang=en")
        tab.page.get_by_role("link", name="Open heavy").click()
        tab.page.get_by_role("button", name="End cooling").click()
        expect(tab.page.locator(".facts")).to_contain_text("Usable")


def ask_the_api(demo):
    """Something new each time: what goes on is lent the account it was lent before."""
    answer = requests.post(
        f"{demo.url}/v1/chat/completions",
        json={
            "model": "grok-latest",
            "messages": [{"role": "user", "content": f"/plain {uuid4()}"}],
        },
        headers={"Authorization": f"Bearer {demo.api_key()}"},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text


PAGES = (
    *("", "/accounts", "/accounts/1", "/records", "/usage?span=7d", "/keys", "/import"),
    *("/egresses", "/users", "/users/1", "/routes", "/doctor"),
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_a_phone_in_both_languages_and_themes(browser, demo, language):
    for scheme in ("light", "dark"):
        with new_tab(browser, demo, color_scheme=scheme) as tab:
            tab.sign_in_as_admin(ADMIN_PASSWORD)
            for path in PAGES:
                mark = "&" if "?" in path else "?"
                tab.page.goto(f"{demo.admin_url}/admin{path}{mark}lang={language}")
                assert tab.sticks_out(360) == [], path
                assert tab.is_dark() == (scheme == "dark"), path
