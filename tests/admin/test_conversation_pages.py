"""A user's conversations as pages, with Grok played by a table."""

import io
import json
import secrets
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

import db
from admin.app import create_user_app
from admin.archivist import Archivist
from admin.carry_on import CarryOn, CarryOnError
from admin.grok_history import GrokHistory, HistoryError, Trouble
from admin.library import Library, Read
from core.account import AccountStatus
from core.carried_on import Begun, Wish
from core.conversation import Head, Message
from core.settings import Settings
from core.user import User, UserRules
from tests.admin.conftest import Browser

type AddCar = Callable[..., int]
PAGE = "/-/me/conversations"
WORDS = Message(id="q", role="user", text="hello <script>alert(1)</script>")


@dataclass
class FakeGrok(GrokHistory):
    """What each account has; `trouble` is answered instead."""

    has: dict[tuple[int, str], tuple[Head, list[Message]]] = field(default_factory=dict)
    trouble: dict[int, Trouble] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def heads(self, user_id: int, account_id: int, ids: Sequence[str]) -> Iterator[Head]:
        self._ask("heads", account_id)
        yield from (self.has[account_id, one][0] for one in ids if (account_id, one) in self.has)

    def messages(
        self, user_id: int, account_id: int, conversation_id: str
    ) -> Iterator[list[Message]]:
        self._ask("messages", account_id)
        yield self.has[account_id, conversation_id][1]

    def _ask(self, what: str, account_id: int) -> None:
        self.asked.append((what, account_id))
        if account_id in self.trouble:
            raise HistoryError(self.trouble[account_id])

    def add(self, user: User, account_id: int, one: str, **more: object) -> Head:
        head = Head(one, title=f"title of {one}", modified=f"2026-01-{len(self.has):02}T00:00:00Z")
        head = Head(**{**{n: getattr(head, n) for n in ("id", "title", "modified")}, **more})  # type: ignore[arg-type]
        self.has[account_id, one] = (head, [WORDS])
        db.record_ownership([db.Owned(account_id, "conversation", one, f"user:{user.id}")])
        return head


@pytest.fixture
def grok(monkeypatch: pytest.MonkeyPatch) -> FakeGrok:
    fake = FakeGrok()
    monkeypatch.setattr("admin.app.GrokHistory", lambda wiring: fake)
    return fake


@pytest.fixture
def mine(grok: FakeGrok, settings: Settings, alice: User) -> Browser:
    return Browser(create_user_app(settings)).sign_in(alice)


def test_without_a_session_there_is_nothing(settings: Settings) -> None:
    nobody = Browser(create_user_app(settings))
    assert nobody.get(PAGE).status_code == 303
    assert nobody.get(f"{PAGE}/1/c/file.md").status_code == 303
    assert nobody.post(f"{PAGE}/all.zip").status_code == 303
    assert nobody.get("/-/me/badge").status_code == 303


def test_the_list_is_newest_first_searched_and_turned(
    mine: Browser, grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    car = add_car(1, name="car one")
    for number in range(60):
        grok.add(alice, car, f"c{number}", title=f"talk {number}<i>", modified=f"{number:03}")
    page = mine.get(f"{PAGE}?lang=en").text
    assert page.index("talk 59&lt;i&gt;") < page.index("talk 58&lt;i&gt;")
    assert "1–50 of 60" in page
    assert "<i>" not in page
    assert "talk 9&lt;" in mine.get(f"{PAGE}?page=2").text
    assert "1–1 of 1" in mine.get(f"{PAGE}?lang=en&q=TALK+33").text
    assert "No title matches" in mine.get(f"{PAGE}?lang=en&q=nothing").text
    assert grok.asked == [("heads", car)] * 2  # in two questions, and then they are known


def test_what_another_owns_is_not_found_and_not_asked_for(
    mine: Browser, grok: FakeGrok, add_car: AddCar
) -> None:
    car = add_car(1)
    grok.add(db.ensure_user("bob"), car, "his")
    assert "title of his" not in mine.get(PAGE).text
    for path in ("", "/file.md", "/file.json"):
        assert mine.get(f"{PAGE}/{car}/his{path}").status_code == 404
    assert mine.post(f"{PAGE}/{car}/his/continue").status_code == 404
    assert mine.post(f"{PAGE}/{car}/his/delete").status_code == 404
    assert grok.asked == []


def test_reading_and_downloading_one(
    mine: Browser, grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    car = add_car(1, name="car one")
    grok.add(alice, car, "c1", title="../a\nb")
    page = mine.get(f"{PAGE}/{car}/c1").text
    assert "hello &lt;script&gt;" in page
    assert "<script>alert" not in page
    file = mine.get(f"{PAGE}/{car}/c1/file.md")
    assert file.headers["Content-Disposition"] == 'attachment; filename="0000-00-00 a b c1.md"'
    assert file.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "hello &lt;script>" in file.text
    assert json.loads(mine.get(f"{PAGE}/{car}/c1/file.json").text)["account"] == "car one"
    assert mine.get(f"{PAGE}/{car}/c1/file.exe").status_code == 400


@pytest.mark.parametrize("trouble", [Trouble.SLOW_DOWN, Trouble.AWAY, Trouble.NO_ACCOUNT])
def test_trouble_is_told_and_copies_stand_in(
    mine: Browser, grok: FakeGrok, alice: User, add_car: AddCar, trouble: Trouble
) -> None:
    car = add_car(1, name="car one")
    kept, lost = grok.add(alice, car, "kept"), grok.add(alice, car, "lost")
    db.set_archive(alice.id, 0.0, on=True)
    db.keep_copy(alice.id, car, kept, db.pack([WORDS]), 1.0)
    grok.trouble[car] = trouble
    page = mine.get(f"{PAGE}?lang=en").text
    assert "car one" in page
    assert "archive only" in page
    assert lost.title not in page
    assert "This is the copy of" in mine.get(f"{PAGE}/{car}/kept?lang=en").text
    assert mine.get(f"{PAGE}/{car}/lost").status_code == 503
    with zipfile.ZipFile(io.BytesIO(mine.post(f"{PAGE}/all.zip", data={"format": "md"}).data)) as z:
        assert set(z.namelist()) == {
            "about.txt",
            "0000-00-00 title of kept kept.md",
            "not-exported.txt",
        }
        assert b"lost: " in z.read("not-exported.txt")


def test_a_download_ends_before_the_next_begins(
    mine: Browser, grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    grok.add(alice, add_car(1), "c1")
    for _ in range(2):
        assert mine.post(f"{PAGE}/all.zip", data={"format": "json"}).status_code == 200
    assert mine.post(f"{PAGE}/all.zip", data={"format": "exe"}).status_code == 400
    assert mine.post(f"{PAGE}/all.zip", origin="https://evil.example").status_code == 403


def test_the_archive_is_off_until_switched_on_and_is_wiped(
    mine: Browser, grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    head = grok.add(alice, add_car(1), "c1")
    assert "Off unless you switch it on" in mine.get("/-/me?lang=en").text
    assert not db.wants_archive(alice.id)
    mine.post("/-/me/archive", data={"do": "on"})
    assert db.wants_archive(alice.id)
    db.keep_copy(alice.id, 1, head, db.pack([WORDS]), 1.0)
    assert "1 conversations" in mine.get("/-/me?lang=en").text
    mine.post("/-/me/archive", data={"do": "off"})
    assert len(db.list_archived(alice.id)) == 1
    assert mine.get("/-/me/archive/delete").status_code == 200
    assert len(db.list_archived(alice.id)) == 1
    mine.post("/-/me/archive/delete")
    assert db.list_archived(alice.id) == []


def test_one_copy_is_deleted(mine: Browser, grok: FakeGrok, alice: User, add_car: AddCar) -> None:
    car = add_car(1)
    head = grok.add(alice, car, "c1")
    db.set_archive(alice.id, 0.0, on=True)
    db.keep_copy(alice.id, car, head, db.pack([WORDS]), 1.0)
    assert mine.post(f"{PAGE}/{car}/c1/delete").headers["Location"] == PAGE
    assert db.list_archived(alice.id) == []


def archivist(grok: FakeGrok, megabytes: int = 1) -> Archivist:
    return Archivist(grok, megabytes, lambda seconds: False, pace=0.0)


def test_the_archivist_copies_what_has_changed_and_nothing_temporary(
    grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    car = add_car(1)
    grok.add(alice, car, "c1")
    grok.add(alice, car, "c2", temporary=True)
    worker = archivist(grok)
    assert worker.round()
    assert grok.asked == []
    db.set_archive(alice.id, 0.0, on=True)
    assert worker.round()
    assert [one.head.id for one in db.list_archived(alice.id)] == ["c1"]
    grok.asked.clear()
    assert worker.round()
    assert grok.asked == [("heads", car)]
    grok.has[car, "c1"] = (Head("c1", "new", modified="later"), [WORDS])
    assert worker.round()
    assert [one.head.title for one in db.list_archived(alice.id)] == ["new"]


def test_the_archivist_leaves_an_account_alone_that_says_so(
    grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    limited, other, dead = add_car(1), add_car(2), add_car(3)
    for number, car in enumerate((limited, other, dead)):
        grok.add(alice, car, f"c{number}")
    db.mark_account(dead, AccountStatus.SIGNED_OUT, "")
    grok.trouble[limited] = Trouble.SLOW_DOWN
    db.set_archive(alice.id, 0.0, on=True)
    worker = archivist(grok)
    worker.round()
    worker.round()
    assert grok.asked.count(("heads", limited)) == 1
    assert [one.head.id for one in db.list_archived(alice.id)] == ["c1"]
    assert ("heads", dead) not in grok.asked


def test_the_archive_of_one_user_is_bounded_and_what_does_not_fit_is_not_read_again(
    grok: FakeGrok, alice: User, add_car: AddCar
) -> None:
    car = add_car(1)
    grok.add(alice, car, "small")
    grok.add(alice, car, "huge")
    noise = secrets.token_hex(1_500_000)
    grok.has[car, "huge"] = (grok.has[car, "huge"][0], [Message(id="q", role="user", text=noise)])
    db.set_archive(alice.id, 0.0, on=True)
    worker = archivist(grok)
    worker.round()
    worker.round()
    assert [one.head.id for one in db.list_archived(alice.id)] == ["small"]
    assert grok.asked.count(("messages", car)) == 2


def test_a_round_ends_when_told_to_stop(grok: FakeGrok, alice: User, add_car: AddCar) -> None:
    grok.add(alice, add_car(1), "c1")
    db.set_archive(alice.id, 0.0, on=True)
    Archivist(grok, 1, lambda seconds: True).run()
    assert grok.asked == []


READ = Read(Head("c1", "Title"), [WORDS])


def test_going_on_counts_one_question_and_is_refused_over_the_limit(
    browser: Browser, alice: User, add_car: AddCar
) -> None:
    wishes: list[Wish] = []

    def begin(wish: Wish) -> Begun:
        wishes.append(wish)
        return Begun("new-id")

    carry_on, car = CarryOn(begin), add_car(1)
    with browser.app.test_request_context("/?lang=en"):
        with pytest.raises(CarryOnError, match="Choose a car"):
            carry_on(alice, READ)
        db.assign_account(alice.id, car)
        db.change_user(
            alice.id, note="", expires_at=None, rules=UserRules(day_limit=1, modes=("expert",))
        )
        user = db.load_user(alice.id)
        assert user
        with pytest.raises(CarryOnError, match="nothing in it"):
            carry_on(user, Read(Head("c1"), []))
        assert carry_on(user, READ) == "new-id"
        assert (wishes[0].account_id, wishes[0].mode) == (car, "expert")
        assert "[user]\nhello" in wishes[0].message
        assert db.user_usage(alice.id, time.time()).today == 1
        with pytest.raises(CarryOnError, match="no question left today") as refused:
            carry_on(user, READ)
        assert refused.value.status == 429
        assert len(wishes) == 1


def test_that_grok_did_not_take_it_is_told(browser: Browser, alice: User, add_car: AddCar) -> None:
    db.assign_account(alice.id, add_car(1))
    user = db.load_user(alice.id)
    assert user
    with (
        browser.app.test_request_context("/?lang=en"),
        pytest.raises(CarryOnError, match="rate_limited") as refused,
    ):
        CarryOn(lambda wish: Begun(failure="rate_limited"))(user, READ)
    assert refused.value.status == 502


def test_the_badge_tells_the_car_and_what_is_left(
    browser: Browser, alice: User, add_car: AddCar
) -> None:
    browser.sign_in(alice)
    told = browser.get("/-/me/badge?lang=en")
    assert told.headers["Cache-Control"] == "no-store, private"
    assert (told.json["car"], told.json["left"], told.json["lang"]) == ("", None, "en")  # type: ignore[index]
    db.assign_account(alice.id, add_car(1, name="car one"))
    rules = UserRules(day_limit=5, month_limit=3)
    db.change_user(alice.id, note="", expires_at=None, rules=rules)
    told = browser.get("/-/me/badge?lang=en")
    assert told.json["car"] == "car one"  # type: ignore[index]
    assert told.json["left"] == {"count": 3, "text": "3 left this month"}  # type: ignore[index]


def test_titles_are_remembered_for_their_owner_only(
    grok: FakeGrok, alice: User, settings: Settings, add_car: AddCar
) -> None:
    car = add_car(1)
    grok.add(alice, car, "c1")
    library = Library(grok)
    assert [one.head.id for one in library.list(alice.id).items] == ["c1"]
    assert library.list(db.ensure_user("bob").id).items == []
