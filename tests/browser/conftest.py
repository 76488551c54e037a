"""One Chromium a module, one demo for all of them, one fresh profile a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.system import System, running
from tests.browser.tabs import ARGUMENTS, Tab, new_tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.loop)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=[*ARGUMENTS])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """As `make demo` starts it, with nginx where there is one."""
    with running("demo", tmp_path_factory.mktemp("demo")) as system:
        yield system


@pytest.fixture
def tab(browser: Browser, demo: System) -> Iterator[Tab]:
    """Nobody is signed in yet."""
    with new_tab(browser, demo) as one:
        yield one


@pytest.fixture
def grok(tab: Tab) -> Tab:
    """Signed in, Grok's page is open."""
    tab.sign_in()
    if "/-/cars" in tab.page.url:
        tab.choose_any_car()
    tab.wait_for_grok()
    return tab
