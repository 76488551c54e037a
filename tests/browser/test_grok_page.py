"""Grok's page through the mirror: it works, and it cannot look past the mirror."""

import re

import pytest
from playwright.sync_api import expect

from standin.files import png
from tests.browser.tabs import THIRD_PARTY

PICTURE = 96
"""Width of every picture of the double."""


def test_the_page_renders_and_stays_inside_the_mirror(grok):
    expect(grok.page.get_by_role("heading", name="What do you want to know?")).to_be_visible()
    expect(grok.page.locator("#who")).to_have_text("demo@mirror.invalid")
    expect(grok.page.locator("#avatar")).to_have_js_property("naturalWidth", PICTURE)
    assert grok.style("body", "display") == "grid"  # its style sheet has come
    assert "/-/cdn.grok.com/" in grok.style(".brand", "background-image")
    assert any("/-/cdn.grok.com/_next/static/chunks/" in url for url in grok.seen.asked)
    assert grok.seen.sockets
    assert grok.seen.outside(grok.system.url) == []
    assert grok.seen.failed == []


def test_a_third_party_is_stopped_reported_and_named(grok):
    assert grok.seen.blocked()
    assert all(THIRD_PARTY in text for text in grok.seen.blocked())
    assert f"{grok.system.url}/-/csp-report" in grok.seen.asked
    assert f"a page tried to reach {THIRD_PARTY}" in grok.system.log_text()


def test_an_answer_streams_and_the_conversation_is_found_again(grok):
    question = "stream " + " ".join(f"word{number}" for number in range(60)) + " end"
    grok.ask(question)
    expect(grok.answer).to_contain_text("word5")
    early = grok.answer.inner_text()
    assert "end" not in early
    expect(grok.answer).to_contain_text("word40")
    later = grok.answer.inner_text()
    assert later.startswith(early.rstrip())
    assert len(later) > len(early)
    grok.wait_for_answer()
    expect(grok.answer).to_contain_text("mode fast.")
    expect(grok.page.locator("#conversations a").first).to_contain_text("stream word0")
    assert re.search(r"/c/[\w-]+$", grok.page.url)
    grok.page.reload()
    expect(grok.page.get_by_test_id("user-message")).to_have_text(question)
    expect(grok.answer).to_contain_text("mode fast.")


def test_what_people_write_comes_back_as_written(grok):
    written = "see https://grok.com/share/x and https:\\/\\/assets.grok.com\\/y"
    grok.ask(written)
    expect(grok.answer).to_contain_text(f"You wrote:\n\n{written}\n")
    grok.wait_for_answer()
    grok.page.reload()
    expect(grok.page.get_by_test_id("user-message")).to_have_text(written)
    expect(grok.answer).to_contain_text(written)


def test_a_generated_picture_is_shown(grok):
    grok.ask("/image a kite")
    picture = grok.page.locator("img.generated")
    expect(picture).to_have_js_property("naturalWidth", PICTURE)
    assert "/-/assets.grok.com/" in picture.evaluate("image => image.src")
    grok.wait_for_answer()


def test_an_upload_is_shown_and_attached(grok):
    with grok.page.expect_file_chooser() as choosing:
        grok.page.get_by_title("Attach a file").click()
    choosing.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": png("up")})
    shown = grok.page.locator("#files img")
    expect(shown).to_have_js_property("naturalWidth", PICTURE)
    grok.ask("what is this?")
    expect(grok.answer).to_contain_text("Attached: a.png.")
    grok.wait_for_answer()
    grok.page.reload()
    expect(grok.page.locator("img.upload")).to_have_js_property("naturalWidth", PICTURE)


def test_a_stalled_answer_can_be_stopped(grok):
    grok.ask("/stall")
    expect(grok.answer).to_contain_text("This answer never")
    grok.page.get_by_role("button", name="Stop").click()
    expect(grok.page.get_by_label("Send")).to_be_enabled()


@pytest.mark.parametrize(
    ("question", "said"), [("/limit", "usage limit"), ("/cut", "connection was lost")]
)
def test_groks_failures_reach_the_reader(grok, question, said):
    grok.ask(question)
    expect(grok.page.get_by_role("status")).to_contain_text(said)


def test_a_link_to_share_leads_to_a_page_of_the_mirror(grok):
    grok.ask("to be shared")
    grok.wait_for_answer()
    grok.page.get_by_role("button", name="Share").click()
    notice = grok.page.get_by_role("status")
    expect(notice).to_contain_text(f"{grok.system.url}/share/")
    grok.page.goto(notice.inner_text())
    assert "to be shared" in grok.page.content()
