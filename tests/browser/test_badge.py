"""The badge on Grok's page, and a user's conversations: seen in Chromium."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.system import running
from tests.browser.tabs import new_tab

BADGE = "mirror-badge"
SEEN = """() => {
  const { right, bottom, height } = document.querySelector("mirror-badge").getBoundingClientRect();
  return { height, inside: right <= innerWidth && bottom <= innerHeight };
}"""
WRAPPED = """() => [window.fetch, window.XMLHttpRequest, window.WebSocket, history.pushState]
  .filter((one) => !Function.prototype.toString.call(one).includes("[native code]")).length"""


def shown(tab):
    badge = tab.page.locator(BADGE)
    expect(badge).to_be_visible()
    return badge


def open_menu(tab):
    """By the keyboard: nothing outside reaches into a closed shadow root."""
    shown(tab)
    box = tab.page.locator(BADGE).bounding_box()
    tab.page.mouse.click(box["x"] + box["width"] - 14, box["y"] + box["height"] - 14)


def test_the_badge_keeps_to_itself(grok):
    shown(grok)
    assert grok.page.evaluate("() => document.querySelector('mirror-badge').shadowRoot") is None
    assert grok.page.evaluate(WRAPPED) == 0
    assert grok.page.evaluate(SEEN)["inside"]
    scripts = grok.page.locator("head script[src='/-/static/badge.js']")
    expect(scripts).to_have_count(1)
    grok.ask("still works")
    expect(grok.answer).to_contain_text("still works")


@pytest.mark.parametrize(("downs", "leads_to"), [(0, "/-/cars"), (1, "/-/me"), (2, "/-/sign-out")])
def test_its_menu_leads_to_ones_own_pages_by_keyboard(grok, downs, leads_to):
    open_menu(grok)
    for _ in range(downs):
        grok.page.keyboard.press("ArrowDown")
    grok.page.keyboard.press("Enter")
    expect(grok.page).to_have_url(re.compile(f"{leads_to}$"))


def test_escape_closes_it_and_it_can_be_hidden_for_the_session(grok):
    open_menu(grok)
    tall = grok.page.evaluate(SEEN)["height"]
    grok.page.keyboard.press("Escape")
    assert grok.page.evaluate(SEEN)["height"] < tall
    grok.page.keyboard.press("Enter")
    grok.page.keyboard.press("End")
    grok.page.keyboard.press("Enter")
    expect(grok.page.locator(BADGE)).to_have_count(0)
    grok.page.reload()
    grok.wait_for_grok()
    expect(grok.page.locator(BADGE)).to_have_count(0)


def test_it_comes_back_when_the_page_throws_it_out(grok):
    shown(grok)
    grok.page.evaluate("() => document.querySelector('mirror-badge').remove()")
    shown(grok)


def test_it_is_not_in_frames(grok):
    shown(grok)
    grok.page.evaluate(
        """() => new Promise((done) => {
          const frame = document.createElement("iframe");
          frame.onload = () => done();
          frame.src = "/";
          document.body.append(frame);
        })"""
    )
    frame = grok.page.frames[1]
    assert frame.evaluate("() => customElements.get('mirror-badge') === undefined")
    grok.seen.complaints.clear()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_every_width(grok, width):
    grok.page.set_viewport_size({"width": width, "height": 780})
    open_menu(grok)
    assert grok.page.evaluate(SEEN)["inside"]


def test_off_means_off_and_the_operators_own_snippet_goes_along(browser, tmp_path_factory):
    snippet = "<script>window.ads = 1</script>"
    for number, (badge, count) in enumerate((("true", 1), ("false", 0))):
        folder = tmp_path_factory.mktemp(f"badge{number}")
        with (
            running("demo", folder, PAGE_BADGE=badge, GOOGLEADS=snippet, WEB_HATD="true") as system,
            new_tab(browser, system) as tab,
        ):
            tab.sign_in()
            if "/-/cars" in tab.page.url:
                tab.choose_any_car()
            tab.wait_for_grok()
            assert tab.page.evaluate("() => window.ads") == 1
            expect(tab.page.locator(BADGE)).to_have_count(count)
            if badge == "true":
                check_temporary(tab)


def check_temporary(tab):
    """WEB_HATD: what is asked on the page leaves no history."""
    tab.ask("forget this soon")
    expect(tab.answer).to_contain_text("forget this soon")
    tab.wait_for_answer()
    tab.page.reload()
    tab.wait_for_grok()
    expect(tab.page.locator("#conversations a")).to_have_count(0)
    tab.go("/-/me/conversations?lang=en")
    expect(tab.page.locator(".badge.off")).to_have_text("temporary")


def test_a_conversation_is_found_read_and_downloaded(grok, tmp_path):
    grok.ask("a question to keep <b>")
    expect(grok.answer).to_contain_text("a question to keep")
    grok.wait_for_answer()
    grok.go("/-/me/conversations?lang=en")
    grok.page.get_by_role("searchbox").fill("question to keep")
    grok.page.keyboard.press("Enter")
    grok.page.get_by_role("link", name="a question to keep").first.click()
    expect(grok.page.locator(".words").first).to_have_text("a question to keep <b>")
    with grok.page.expect_download() as downloading:
        grok.page.get_by_role("link", name="Markdown").click()
    assert "a question to keep &lt;b>" in downloading.value.path().read_text()
    grok.go("/-/me/conversations?lang=en")
    with grok.page.expect_download() as downloading:
        grok.page.get_by_role("button", name="JSON").click()
    assert downloading.value.path().read_bytes()[:2] == b"PK"
    grok.seen.failed.clear()
    file = tmp_path / "demo.zip"
    assert str(file) in grok.system.command("user", "export", grok.system.user, str(file))
    with zipfile.ZipFile(file) as made:
        assert any("a question to keep" in name for name in made.namelist())


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit(browser, demo, scheme, language):
    with new_tab(browser, demo, color_scheme=scheme, locale=language) as tab:
        tab.sign_in()
        tab.go("/")
        tab.wait_for_grok()
        tab.ask("wide " + "x" * 300)
        tab.wait_for_answer()
        lang = language[:2]
        tab.go(f"/-/me/conversations?lang={lang}")
        assert [tab.sticks_out(width) for width in (360, 1280)] == [[], []]
        tab.page.locator("li a.under").first.click()
        assert [tab.sticks_out(width) for width in (360, 1280)] == [[], []]
        tab.go(f"/-/me?lang={lang}")
        assert [tab.sticks_out(width) for width in (360, 1280)] == [[], []]
        assert tab.is_dark() == (scheme == "dark")
