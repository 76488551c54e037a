"""Who is whom by what he shows, and what he may have of it."""

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

import pytest

import db
from api_bridge.callers import RAW_CALLS_PER_MINUTE, Callers
from api_bridge.errors import GrokFailedError, LimitedError, NotAllowedError, api_error
from api_bridge.events import Failed, FailureKind
from api_bridge.ports import Caller
from core.api_key import KeyRules, day_of, parse_addresses
from core.settings import Settings
from core.user import UserRules
from tests.api_bridge.fake_grok import FakeGrok, said
from tests.api_bridge.test_app import CHAT, client_of
from tests.core.test_raw_token import TOKEN

NOW = 1_795_424_304.0
HERE = "203.0.113.7"


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(data_dir=tmp_path, authorization=("sk-one", "钥匙-two"))
    db.open_database(settings)
    yield settings
    db.close_database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def callers(opened: Settings, clock: Clock) -> Callers:
    return Callers(opened, clock)


def made(callers: Callers, **rules: object) -> tuple[Caller, str]:
    _, text = db.add_api_key("k", KeyRules(**rules), NOW)  # type: ignore[arg-type]
    caller = callers.caller_of(text, HERE)
    assert caller
    return caller, text


def test_each_value_of_authorization_is_a_key(callers: Callers) -> None:
    on_the_wire = "钥匙-two".encode().decode("latin-1")
    for key in ("sk-one", on_the_wire):
        assert callers.caller_of(key, HERE) == Caller("env")


@pytest.mark.parametrize(
    "key",
    ["", "sk-on", "sk-one ", "SK-ONE", "sk-one,钥匙-two", "None", "null", "undefined", "ü", "€"],
)
def test_nothing_else_is(callers: Callers, key: str) -> None:
    assert callers.caller_of(key, HERE) is None


@pytest.mark.parametrize("key", ["", "None", "null", "xxx", "your-api-key", " "])
def test_without_authorization_nothing_opens(opened: Settings, key: str) -> None:
    for keys in ((), ("",), ("null", "xxx")):
        callers = Callers(Settings(data_dir=opened.data_dir, authorization=keys))
        assert callers.caller_of(key, HERE) is None


def test_a_key_is_known_by_its_number(callers: Callers) -> None:
    caller, text = made(callers)
    assert caller.api_key
    assert caller.name == f"key:{caller.api_key.id}"
    assert text not in repr(caller)
    assert callers.caller_of(text[:-1] + "~", HERE) is None


def test_a_raw_token_is_the_callers_own(callers: Callers) -> None:
    caller = callers.caller_of(TOKEN, HERE)
    assert caller == Caller("sso", sso_token=TOKEN, address=HERE)
    assert TOKEN not in repr(caller)


def test_raw_tokens_can_be_switched_off(opened: Settings) -> None:
    callers = Callers(Settings(data_dir=opened.data_dir, allow_raw_sso=False))
    assert callers.caller_of(TOKEN, HERE) is None


def test_a_slip_in_a_key_that_looks_like_a_token_stays_here(opened: Settings) -> None:
    callers = Callers(Settings(data_dir=opened.data_dir, authorization=(TOKEN,)))
    assert callers.caller_of(TOKEN, HERE) == Caller("env")
    assert callers.caller_of(TOKEN[:-1], HERE) is None


def test_what_a_key_is_not_good_for_is_said(callers: Callers, clock: Clock) -> None:
    expiring, text = made(callers, expires_at=NOW + 10, networks=parse_addresses([HERE]))
    with pytest.raises(NotAllowedError, match="address") as from_elsewhere:
        callers.caller_of(text, "198.51.100.1")
    assert api_error(from_elsewhere.value).status == 403
    clock.now += 10
    with pytest.raises(NotAllowedError, match="expired"):
        callers.caller_of(text, HERE)
    db.set_api_key_enabled(int(expiring.id), enabled=False)
    with pytest.raises(NotAllowedError, match="switched off") as switched_off:
        callers.caller_of(text, HERE)
    assert api_error(switched_off.value).status == 401


def test_models_that_are_not_on_the_list(callers: Callers) -> None:
    caller, _ = made(callers, models=("grok-3*",), day_limit=1)
    with pytest.raises(NotAllowedError) as refused, callers.call(caller, "grok-heavy"):
        pass
    assert api_error(refused.value).status == 403
    with callers.call(caller, "grok-3-think"):
        pass  # the refused one was not counted


def test_a_place_is_freed_by_every_ending(callers: Callers) -> None:
    caller, _ = made(callers, concurrency=1)

    def refused() -> bool:
        try:
            with callers.call(caller, "grok-4"):
                return False
        except LimitedError as error:
            return api_error(error).headers()["Retry-After"] == "2"

    with callers.call(caller, "grok-4"):
        assert refused()
    with pytest.raises(ZeroDivisionError), callers.call(caller, "grok-4"):
        _ = 1 / 0
    stack = ExitStack()
    stack.enter_context(callers.call(caller, "grok-4"))
    stack.close()
    assert not refused()
    assert not callers._open


def test_a_minute(callers: Callers, clock: Clock) -> None:
    caller, _ = made(callers, per_minute=2)
    for _ in range(2):
        with callers.call(caller, "grok-4"):
            pass
    clock.now += 20
    with pytest.raises(LimitedError) as refused, callers.call(caller, "grok-4"):
        pass
    error = api_error(refused.value)
    assert (error.status, error.headers()) == (429, {"Retry-After": "40"})
    clock.now += 40
    with callers.call(caller, "grok-4"):
        pass


def test_a_day_is_over_for_clients_too(callers: Callers, opened: Settings, clock: Clock) -> None:
    caller, text = made(callers, day_limit=1)
    with callers.call(caller, "grok-4"):
        pass
    again = Callers(opened, clock)  # as after a restart
    caller = again.caller_of(text, HERE) or caller
    with pytest.raises(LimitedError) as refused, again.call(caller, "grok-4"):
        pass
    error = api_error(refused.value)
    assert (error.status, error.code) == (429, "insufficient_quota")
    assert error.headers() == {"Retry-After": "60", "x-should-retry": "false"}
    assert not again._open


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        (FailureKind.NO_ACCOUNT, True),
        (FailureKind.UNREACHABLE, False),
        (FailureKind.UNUSABLE_IMAGE, False),
        (None, False),
    ],
)
def test_a_call_for_which_there_was_no_account_counts_for_no_day(
    callers: Callers, kind: FailureKind | None, left: bool
) -> None:
    caller, text = made(callers, day_limit=1)
    with suppress(GrokFailedError), callers.call(caller, "grok-4"):
        if kind:
            raise GrokFailedError(Failed(kind))
    caller = callers.caller_of(text, HERE) or caller
    with nullcontext() if left else pytest.raises(LimitedError), callers.call(caller, "grok-4"):
        pass


@pytest.mark.parametrize("stream", [False, True])
def test_it_is_taken_back_however_the_answer_was_to_come(callers: Callers, stream: bool) -> None:
    _, key = made(callers, day_limit=1)
    none = [Failed(FailureKind.NO_ACCOUNT)]
    client = client_of(FakeGrok([none, none, said("Hello")]), callers=callers)
    body = {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}], "stream": stream}
    headers = {"Authorization": f"Bearer {key}"}
    told = [client.post(CHAT, json=body, headers=headers).status_code for _ in range(4)]
    assert told == [503, 503, 200, 429]


def test_what_cannot_be_taken_back_hides_no_failure(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise db.StorageError

    caller, _ = made(callers, day_limit=1)
    monkeypatch.setattr(db, "take_back_api_call", broken)
    with pytest.raises(GrokFailedError), callers.call(caller, "grok-4"):
        raise GrokFailedError(Failed(FailureKind.NO_ACCOUNT))


def test_raw_tokens_are_limited_by_address(callers: Callers) -> None:
    def call(address: str) -> None:
        caller = callers.caller_of(TOKEN, address)
        assert caller
        with callers.call(caller, "grok-4"):
            pass

    for number in range(RAW_CALLS_PER_MINUTE):
        call(f"2001:db8::{number:x}")
    with pytest.raises(LimitedError):
        call("2001:db8::ffff")
    call(HERE)


def test_a_key_of_a_user_is_bound_by_what_binds_him(callers: Callers, clock: Clock) -> None:
    rules = UserRules(modes=("fast",), day_limit=2)
    alice = db.add_user("alice", rules=rules, expires_at=NOW + 60)
    _, text = db.add_api_key("hers", KeyRules(), NOW, user_id=alice.id)
    caller = callers.caller_of(text, HERE)
    assert caller
    assert caller.owner == alice
    assert caller.may_use("grok-fast", "fast")
    for mode in ("heavy", ""):
        with pytest.raises(NotAllowedError), callers.call(caller, "grok-heavy", mode):
            pass
    db.add_web_questions({(alice.id, day_of(NOW)): 1}, NOW)
    with callers.call(caller, "grok-fast", "fast"):
        pass
    with pytest.raises(LimitedError, match="The user") as refused:
        callers.call(caller, "grok-fast", "fast").__enter__()
    assert api_error(refused.value).code == "insufficient_quota"
    clock.now += 61
    with pytest.raises(NotAllowedError, match="user of this API key") as over:
        callers.caller_of(text, HERE)
    assert over.value.code == "user_disabled"


def test_a_key_is_dead_while_its_user_is_switched_off(callers: Callers) -> None:
    alice = db.add_user("alice")
    _, text = db.add_api_key("hers", KeyRules(), NOW, user_id=alice.id)
    db.set_user_enabled(alice.id, enabled=False)
    with pytest.raises(NotAllowedError):
        callers.caller_of(text, HERE)
    db.set_user_enabled(alice.id, enabled=True)
    assert callers.caller_of(text, HERE)


def test_what_costs_no_question_is_counted_against_the_minute_only(
    callers: Callers, clock: Clock
) -> None:
    stranger = callers.caller_of(TOKEN, HERE)
    assert stranger
    for _ in range(RAW_CALLS_PER_MINUTE):
        callers.admit(stranger, "grok-4")
    with pytest.raises(LimitedError):
        callers.admit(stranger, "grok-4")
    caller, _ = made(callers, day_limit=1, models=("grok-4",))
    callers.admit(caller, "grok-4")
    with callers.call(caller, "grok-4"):
        pass
    with pytest.raises(NotAllowedError):
        callers.admit(caller, "grok-3")


def test_a_further_question_is_counted_as_every_one(callers: Callers) -> None:
    caller, _ = made(callers, day_limit=2)
    with callers.call(caller, "grok-4"):
        callers.again(caller)
        with pytest.raises(LimitedError):
            callers.again(caller)
