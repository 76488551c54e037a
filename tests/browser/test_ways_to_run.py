"""Other ways to run it: without nginx, before somebody's own double; and the end of it all."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from supervisor.front import find_nginx
from tests.browser.system import (
    STOPS_WITHIN,
    another_double,
    descendants,
    make_environ,
    run_command,
    running,
    still_there,
)
from tests.browser.tabs import new_tab

PASSWORD = "a-password-for-carol"


def use_grok(tab):
    """The basic run of a user."""
    tab.sign_in()
    expect(tab.page.get_by_label("Password")).to_have_count(0)
    if tab.page.url.endswith("/-/cars"):
        tab.choose_any_car()
    tab.wait_for_grok()
    expect(tab.page.locator("#avatar")).to_have_js_property("naturalWidth", 96)
    tab.ask("see https://grok.com/share/x")
    expect(tab.answer).to_contain_text("You wrote:\n\nsee https://grok.com/share/x\n")
    tab.wait_for_answer()
    tab.page.reload()
    expect(tab.page.get_by_test_id("user-message")).to_have_text("see https://grok.com/share/x")
    expect(tab.page.locator("#conversations a").first).to_contain_text("see https://grok.com")
    tab.check()


def test_ctrl_c_stops_everything_at_once_even_with_a_page_open(browser, tmp_path):
    with running("demo", tmp_path, FRONT="off") as system:
        with new_tab(browser, system) as tab:
            use_grok(tab)
            below = descendants(system.process.pid)
            assert len(below) >= 3  # stand-in, proxy, sidecar
            assert system.interrupt() < STOPS_WITHIN
        assert system.process.returncode == 0
        assert still_there(below) == []
        assert "Traceback" not in system.log_text()


@pytest.mark.skipif(find_nginx() is None, reason="no nginx on this machine")
def test_the_front_stops_with_the_rest(browser, tmp_path):
    with running("demo", tmp_path, FRONT="auto") as system:
        below = descendants(system.process.pid)
        assert "nginx" in {Path(f"/proc/{pid}/comm").read_text().strip() for pid in below}
        with new_tab(browser, system) as tab:
            use_grok(tab)
            assert system.interrupt() < STOPS_WITHIN
        assert system.process.returncode == 0
        assert still_there(below) == []


@pytest.fixture
def serving(tmp_path):
    """`serve` before another double, with an imported token and a user from the command line."""
    with another_double(tmp_path / "double", "another seed") as double:
        token = double.pop("token")
        environ = make_environ(tmp_path, **double)
        assert re.search(r"added: 1\b", run_command(environ, "import", "-", said=f"{token}\n"))
        run_command(environ, "user", "add", "carol", "--password-stdin", said=f"{PASSWORD}\n")
        with running("serve", tmp_path, **double) as system:
            system.user, system.password = "carol", PASSWORD
            yield system


def test_another_double_needs_only_its_address_and_its_ca(browser, serving):
    with new_tab(browser, serving) as tab:
        use_grok(tab)
