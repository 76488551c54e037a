"""A tab that remembers all it asked for and all it complained of, and the moves people make."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.system import System

THIRD_PARTY = "featureassets.org"
"""What Grok's page asks for outside of Grok: the mirror's policy must stop it."""
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
_STICKS_OUT = """() => [...document.querySelectorAll("html, body *")]
  .filter((one) => Math.max(one.scrollWidth, one.getBoundingClientRect().right) > innerWidth + 1)
  .map((one) => one.tagName + "." + one.className)"""
_COLOURS = """() => {
  const style = getComputedStyle(document.body);
  return [style.backgroundColor, style.color];
}"""
_LEAVE_TRACES = """() => {
  localStorage.draft = sessionStorage.draft = "mine";
  return new Promise((done) => {
    const opening = indexedDB.open("drafts");
    opening.onsuccess = () => { opening.result.close(); done(); };
  });
}"""
_TRACES = """async () => [
  localStorage.length ? "local" : "", sessionStorage.length ? "session" : "",
  (await indexedDB.databases()).length ? "database" : "",
].filter(Boolean)"""


@dataclass
class Seen:
    """What one tab did."""

    asked: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", lambda request: self.asked.append(request.url))
        page.on(
            "requestfailed", lambda one: self.failed.append((one.url, one.failure or "no reason"))
        )
        page.on("websocket", lambda socket: self.sockets.append(socket.url))
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"raised: {error}"))

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def blocked(self) -> list[str]:
        """What the page's policy has stopped."""
        return [text for text in self.complaints if "Content Security Policy" in text]

    def outside(self, *origins: str) -> list[str]:
        """Requests that went, or tried to go, somewhere else than these origins."""
        here = {urlsplit(origin).netloc for origin in origins}
        stopped = {url for url, why in self.failed if "csp" in why.lower()}
        remote = [url for url in (*self.asked, *self.sockets) if _is_remote(url)]
        return [url for url in remote if urlsplit(url).netloc not in here and url not in stopped]

    def forget_status(self, status: int) -> bool:
        """Drop what a browser says of answers with this status; whether there was any."""
        kept = [text for text in self.complaints if f"a status of {status} " not in text]
        found = len(kept) < len(self.complaints)
        self.complaints[:] = kept
        return found

    def unexpected(self) -> list[str]:
        """Complaints, but for the one third party that is known to be stopped."""
        return [text for text in self.complaints if THIRD_PARTY not in text]


def _brightness(colour: str) -> int:
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


def _is_remote(url: str) -> bool:
    return urlsplit(url).scheme not in ("data", "blob", "about", "chrome")


@dataclass
class Tab:
    """A page of a fresh browser profile, on one system."""

    page: Page
    context: BrowserContext
    system: System
    seen: Seen

    def go(self, path: str) -> None:
        self.page.goto(self.system.url + path)

    def sign_in(self, name: str = "", password: str = "") -> None:
        """By the form; an empty name is the demo's own user."""
        self.go("/-/sign-in?lang=en")
        self.page.get_by_label("User name").fill(name or self.system.user)
        self.page.get_by_label("Password").fill(password or self.system.password)
        self.page.get_by_role("button", name="Sign in").click()

    def choose_any_car(self) -> None:
        self.page.get_by_role("button", name="Automatic").click()
        self.wait_for_grok()

    def wait_for_grok(self) -> None:
        """Grok's page has started and its socket is open."""
        expect(self.page.locator("body[data-ready]")).to_be_attached()

    def ask(self, text: str) -> None:
        self.page.locator("div.tiptap.ProseMirror").fill(text)
        self.page.get_by_label("Send").click()

    @property
    def answer(self) -> Locator:
        return self.page.get_by_test_id("assistant-message").last

    def wait_for_answer(self) -> None:
        expect(self.page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(self.page.get_by_label("Send")).to_be_enabled()

    def sign_in_as_admin(self, password: str) -> None:
        self.page.goto(f"{self.system.admin_url}/admin?lang=en")
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def style(self, selector: str, name: str) -> str:
        """The computed style of the first such element."""
        read = "(element, name) => getComputedStyle(element).getPropertyValue(name)"
        return str(self.page.locator(selector).first.evaluate(read, name))

    def is_dark(self) -> bool:
        """Whether the page's ground is darker than its text."""
        ground, ink = map(_brightness, self.page.evaluate(_COLOURS))
        return ground < ink

    def sticks_out(self, width: int) -> list[str]:
        """What is wider than a window of this width."""
        self.page.set_viewport_size({"width": width, "height": 780})
        return list(self.page.evaluate(_STICKS_OUT))

    def leave_traces(self) -> None:
        """What a page can keep in a browser."""
        self.page.evaluate(_LEAVE_TRACES)

    def traces(self) -> list[str]:
        """Which of them are there."""
        return sorted(self.page.evaluate(_TRACES))

    def expect_status(self, status: int) -> None:
        """The browser has noted an answer with this status, as it should."""
        assert self.seen.forget_status(status), self.seen.complaints

    def check(self) -> None:
        """Nothing left the mirror, and the browser had nothing to say."""
        assert self.seen.outside(self.system.url, self.system.admin_url) == []
        assert self.seen.unexpected() == []


@contextmanager
def new_tab(browser: Browser, system: System, **options: Any) -> Iterator[Tab]:
    """Closed, and checked, at the end."""
    with browser.new_context(**{"locale": "en-US", **options}) as context:
        context.set_default_timeout(10_000)
        page, seen = context.new_page(), Seen()
        seen.watch(page)
        tab = Tab(page, context, system, seen)
        yield tab
        tab.check()
