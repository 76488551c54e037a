"""`python -m tests.screenshots [FOLDER]`: the README's pictures; with FOLDER, every page there.

Starts the demo, uses it a little and takes pictures: both languages, light and dark, phone too.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from core.error_page import LANGUAGE_COOKIE
from tests.browser.system import System, running
from tests.browser.tabs import ARGUMENTS, Tab, new_tab
from tests.running_mirror import ADMIN_PASSWORD, ROOT

IMAGES = ROOT / "docs" / "images"
LOOKS = tuple(product(("zh-CN", "en-US"), ("light", "dark")))
WIDE, LOW, PHONE = (1200, 720), (1200, 400), (360, 760)
QUESTION = "潮汐为什么每天晚五十分钟？ Why are tides fifty minutes later each day?"


def main(arguments: list[str]) -> None:
    """Take them."""
    folder = Path(arguments[0]) if arguments else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    shots = everything if arguments else for_the_readme
    with (
        tempfile.TemporaryDirectory() as data,
        sync_playwright() as playwright,
        chromium(playwright) as browser,
        running("demo", Path(data)) as system,
    ):
        state = prepare(browser, system)
        for language, scheme in LOOKS:
            shots(browser, system, folder, (language, scheme, state))


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The one on PATH."""
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=[*ARGUMENTS]
    )
    try:
        yield browser
    finally:
        browser.close()


def prepare(browser: Browser, system: System) -> dict:
    """Some people in some cars, one conversation; the profile of the one who had it."""
    for name, car in (("alice", "heavy"), ("bob", "super"), ("carol", "super")):
        system.command("user", "add", name, "--password-stdin", said=f"a-password-{name}\n")
        with new_tab(browser, system) as tab:
            tab.sign_in(name, f"a-password-{name}")
            tab.page.get_by_role("button", name=car).click()
            tab.wait_for_grok()
    with new_tab(browser, system) as tab:
        tab.sign_in()
        tab.page.get_by_role("button", name="super").click()
        tab.wait_for_grok()
        for question in ("/image a kite over the harbour", QUESTION):
            tab.ask(question)
            tab.wait_for_answer()
        tab.sign_in_as_admin(ADMIN_PASSWORD)
        expect(tab.page.get_by_role("navigation")).to_be_visible()
        state = tab.context.storage_state()
    state["cookies"] = [one for one in state["cookies"] if one["name"] != LANGUAGE_COOKIE]
    return state


def for_the_readme(browser: Browser, system: System, folder: Path, look: tuple) -> None:
    language, scheme, _ = look
    with a_tab(browser, system, look, LOW) as tab:
        tab.go("/-/cars")
        shoot(tab, folder / f"cars.{language[:2]}.{scheme}.png")
    if language == "en-US":
        with a_tab(browser, system, look, WIDE) as tab:
            chat(tab)
            shoot(tab, folder / f"chat.{scheme}.png")


def everything(browser: Browser, system: System, folder: Path, look: tuple) -> None:
    language, scheme, _ = look
    pages = {
        "sign-in": "/-/sign-in",
        "link-dead": "/-/link/nothing",
        "cars": "/-/cars",
        "me": "/-/me",
        "sign-out": "/-/sign-out",
        "error-404": "/no/such/page",
        "error-403": "/settings/billing/plan",
        "admin": f"{system.admin_url}/admin",
        "admin-error": f"{system.admin_url}/nowhere",
    }
    for size, size_name in ((WIDE, "wide"), (PHONE, "phone")):
        name = f"{language[:2]}.{scheme}.{size_name}.png"
        with a_tab(browser, system, look, size) as tab:
            for page, path in pages.items():
                tab.page.goto(path if "://" in path else system.url + path)
                shoot(tab, folder / f"{page}.{name}")
            chat(tab)
            shoot(tab, folder / f"chat.{name}")
        with a_tab(browser, system, (language, scheme, None), size) as tab:
            tab.page.goto(f"{system.admin_url}/admin")
            shoot(tab, folder / f"admin-sign-in.{name}")
            tab.page.locator("[name=password]").fill("wrong")
            tab.page.locator("[name=password]").press("Enter")
            expect(tab.page.get_by_role("alert")).to_be_visible()
            shoot(tab, folder / f"admin-wrong.{name}")
            tab.page.goto(system.link)
            shoot(tab, folder / f"link.{name}")


def chat(tab: Tab) -> None:
    """The conversation that was had."""
    tab.go("/")
    tab.wait_for_grok()
    tab.page.locator("#conversations a").first.dispatch_event("click")
    expect(tab.page.locator("img.generated")).to_have_js_property("naturalWidth", 96)


@contextmanager
def a_tab(browser: Browser, system: System, look: tuple, size: tuple[int, int]) -> Iterator[Tab]:
    """A window of this size, language and colour scheme."""
    language, scheme, state = look
    options = {
        "locale": language,
        "color_scheme": scheme,
        "viewport": {"width": size[0], "height": size[1]},
        "storage_state": state,
    }
    with new_tab(browser, system, **options) as tab:
        yield tab
        tab.seen.complaints.clear()


def shoot(tab: Tab, file: Path) -> None:
    tab.page.screenshot(path=file, animations="disabled", caret="hide")


if __name__ == "__main__":
    main(sys.argv[1:])
