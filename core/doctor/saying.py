"""What a sentence of the doctor's is: of which check, how bad, and what to do next."""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """Only FAIL makes the whole report bad."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"
    """It could not be tested; the sentence says why."""


class Saying(NamedTuple):
    """One sentence in both languages, with the next step where there is one."""

    check: str
    level: Level
    zh: str
    en: str
    advice_zh: str = ""
    advice_en: str = ""
