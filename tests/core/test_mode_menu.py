import json
from typing import Any

import pytest

from core.mode_menu import MOST_BYTES, ModeMenu

OPEN: dict[str, Any] = {"available": {}}
UPGRADE = {"requiresUpgrade": {"message": "Upgrade"}}


def mode(name: str, availability: object = OPEN) -> dict[str, Any]:
    return {"id": name, "title": name.title(), "availability": availability}


def through(body: bytes, *allowed: str, cut: int = 7) -> bytes:
    stage = ModeMenu(allowed)
    pieces = [stage.feed(body[at : at + cut]) for at in range(0, len(body), cut)]
    return b"".join([*pieces, stage.flush()])


def menu(default: str = "auto") -> bytes:
    modes = [mode("auto"), mode("fast"), mode("heavy", UPGRADE)]
    return json.dumps({"modes": modes, "defaultModeId": default, "more": 1}).encode()


def test_modes_that_are_not_his_are_marked_and_the_default_is_one_that_is() -> None:
    value = json.loads(through(menu(), "fast", "heavy"))
    kinds = {one["id"]: next(iter(one["availability"])) for one in value["modes"]}
    assert kinds == {"auto": "unavailable", "fast": "available", "heavy": "requiresUpgrade"}
    assert value["defaultModeId"] == "fast"
    assert value["more"] == 1


def test_a_default_that_is_his_stays() -> None:
    assert json.loads(through(menu("auto"), "fast", "auto"))["defaultModeId"] == "auto"


def test_with_none_that_is_open_the_default_stays() -> None:
    assert json.loads(through(menu("auto"), "heavy"))["defaultModeId"] == "auto"


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b'{"modes":7}', b'{"modes":[7]}', b"[" * 100_000]
)
def test_what_is_no_such_list_passes_as_it_is(body: bytes) -> None:
    assert through(body, "fast", cut=50_000) == body


def test_what_is_too_long_to_be_one_is_not_held() -> None:
    stage, piece = ModeMenu(("fast",)), b"x" * (MOST_BYTES + 1)
    assert stage.feed(piece) == piece
    assert stage.feed(b"y") == b"y"
    assert stage.flush() == b""
