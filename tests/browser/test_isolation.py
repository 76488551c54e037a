"""Two people, one after the other, in the same browser on the same Grok account."""

from playwright.sync_api import expect

import db
from core.settings import Settings

SECRET = "quetzalcoatl"
KEPT = """async () => {
  const caches_ = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) caches_.push(request.url);
  const bases = indexedDB.databases ? await indexedDB.databases() : [];
  return JSON.stringify([
    document.documentElement.outerHTML, {...localStorage}, {...sessionStorage},
    document.cookie, caches_, bases.map(base => base.name),
  ]);
}"""


def second_user(system):
    """Somebody on the account of the first one; the link that signs him in."""
    db.open_database(Settings.from_environ(system.environ))
    try:
        first = db.find_user(system.user)
        second = db.ensure_user("second")
        db.assign_account(second.id, first.account_id, chosen=True)
        assert first.account_id
    finally:
        db.close_database()
    told = system.command("user", "link", "second")
    return next(word for word in told.split() if "/-/link/" in word)


def test_the_next_one_in_the_same_browser_finds_nothing_of_the_last(grok):
    grok.ask(f"tell me of {SECRET}")
    grok.wait_for_answer()
    expect(grok.page.locator("#conversations a").first).to_contain_text(SECRET)
    conversation = grok.page.url.rpartition("/")[2]
    link = second_user(grok.system)
    grok.page.goto(grok.system.url + "/-/sign-out")
    if grok.page.get_by_role("button").count():
        grok.page.get_by_role("button").first.click()
    grok.page.wait_for_url("**/-/sign-in*")
    assert SECRET not in grok.page.evaluate(KEPT)
    grok.page.goto(link)
    if "/-/link/" in grok.page.url:
        grok.page.get_by_role("button").first.click()
    grok.wait_for_grok()
    expect(grok.page.locator("#who")).to_have_text("second@mirror.invalid")
    kept = grok.page.evaluate(KEPT)
    assert SECRET not in kept
    assert conversation not in kept
    answer = grok.page.goto(f"{grok.system.url}/c/{conversation}")
    assert answer.status == 404
    grok.expect_status(404)
    assert SECRET not in grok.page.evaluate(KEPT)
    grok.page.go_back()
    assert SECRET not in grok.page.content()
