"""The operator's console in a browser: with JavaScript and without, and with odd words in it."""

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
