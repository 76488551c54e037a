"""One line of the doctor's report, and what the lines together come to.

A finding names its saying and holds values that fill it; nothing in it may be a secret, because
people paste reports where others read them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.doctor.saying import Level
from core.doctor.sayings import CHECKS, SAYINGS

LANGUAGES = ("zh", "en")
DIRECT = "direct"
"""What a finding is about that concerns the way out without an egress."""
_DIRECT = ("直连", "direct")
_WORST_FIRST = (Level.FAIL, Level.WARN, Level.OK, Level.SKIPPED)


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` names a saying; `about` is the host, egress or port it is said of."""

    key: str
    about: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    of: str = ""
    """The check, for sayings that fit several."""
    is_softened: bool = False
    """A failure that something else makes up for: a warning."""

    @property
    def check(self) -> str:
        return self.of or SAYINGS[self.key].check

    @property
    def level(self) -> Level:
        level = SAYINGS[self.key].level
        return Level.WARN if self.is_softened and level is Level.FAIL else level

    def title(self, language: str) -> str:
        """What was looked at."""
        place = LANGUAGES.index(language)
        about = _DIRECT[place] if self.about == DIRECT else self.about
        return f"{CHECKS[self.check][place]} {about}".rstrip()

    def said(self, language: str) -> str:
        """What was found."""
        saying = SAYINGS[self.key]
        return (saying.zh if language == "zh" else saying.en).format(**self.values)

    def advice(self, language: str) -> str:
        """What to do next; empty where there is nothing to do."""
        saying = SAYINGS[self.key]
        return (saying.advice_zh if language == "zh" else saying.advice_en).format(**self.values)


def has_failed(findings: Iterable[Finding]) -> bool:
    """Whether anything is broken; a warning is not, nor what could not be looked at."""
    return any(finding.level is Level.FAIL for finding in findings)


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the whole report."""
    levels = {finding.level for finding in findings}
    return next((level for level in _WORST_FIRST if level in levels), Level.SKIPPED)


def count_levels(findings: Iterable[Finding]) -> dict[str, int]:
    """How many lines of each level."""
    counted = Counter(finding.level for finding in findings)
    return {level.value: counted[level] for level in Level}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """As the checks are listed; those of one check as they came."""
    places = {check: place for place, check in enumerate(CHECKS)}
    return sorted(findings, key=lambda finding: places[finding.check])


def as_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """The report for machines; `key` and `values` are stable, sentences may change."""
    found = in_order(findings)
    return {
        "ok": not has_failed(found),
        "level": worst(found).value,
        "counts": count_levels(found),
        "findings": [_line(finding) for finding in found],
    }


def _line(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "level": finding.level.value,
        "key": finding.key,
        "about": finding.about,
        "values": dict(finding.values),
        "zh": finding.said("zh"),
        "en": finding.said("en"),
        "advice_zh": finding.advice("zh"),
        "advice_en": finding.advice("en"),
    }
