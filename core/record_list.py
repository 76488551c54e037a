"""The operator's list of finished flows: what the address bar asks, and where a page begins.

Everything a list shows is in its URL. Pages are told apart by the record they begin after, not by
a number: new ones come in all the time. Refuses to know SQL; `db.record_list` answers a query.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Self
from urllib.parse import urlencode

from core.flow_record import FlowRecord
from core.outcomes import Outcome

SIZES = (20, 50, 100, 200)
FAILED = "any_failure"
"""Stands for every outcome but the good one."""
SPANS = {"1h": 3600.0, "24h": 86_400.0, "7d": 604_800.0}
CLASSES = (2, 3, 4, 5)
DOORS = ("browser", "bridge")
_MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two records."""

    ended_at: float
    id: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """`1764170000.25-17`; None for anything else."""
        found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,9})?)-(\d{1,18})", text)
        return cls(float(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.ended_at!r}-{self.id}"


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record with its place in the list."""

    id: int
    record: FlowRecord

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.record.ended_at, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQuery:
    """Which records. `caller` and `account` are as typed: a name, a number or a code."""

    request: str = ""
    caller: str = ""
    account: str = ""
    outcome: str = ""
    door: str = ""
    status: int = 0
    """A class: 4 for 400 to 499."""
    span: str = ""
    since: str = ""
    until: str = ""
    live: bool = False
    older: Cursor | None = None
    newer: Cursor | None = None
    size: int = SIZES[1]

    @classmethod
    def parse(cls, arguments: Mapping[str, str]) -> Self:
        """From a URL; what cannot be understood is left at its default."""

        def said(name: str, longest: int = 100) -> str:
            return arguments.get(name, "").strip()[:longest]

        outcomes = {FAILED, *(outcome.value for outcome in Outcome)}
        status, size = said("status"), said("size")
        return cls(
            request=said("request", 64),
            caller=said("caller"),
            account=said("account"),
            outcome=said("outcome") if said("outcome") in outcomes else "",
            door=said("door") if said("door") in DOORS else "",
            status=int(status) if status in map(str, CLASSES) else 0,
            span=said("span") if said("span") in SPANS else "",
            since=said("since") if _is_moment(said("since")) else "",
            until=said("until") if _is_moment(said("until")) else "",
            live=arguments.get("live") == "1",
            older=Cursor.parse(said("older")),
            newer=Cursor.parse(said("newer")),
            size=int(size) if size in map(str, SIZES) else SIZES[1],
        )

    def url(self, **changes: Any) -> str:  # noqa: ANN401  any field of this class
        """`?…` of this query with changes; every change leads to the newest unless it says not."""
        changed = replace(self, **{"older": None, "newer": None, **changes})
        return f"?{urlencode(changed.arguments())}"

    def arguments(self) -> dict[str, str]:
        """What differs from the default, by its name in the URL."""
        said = {
            "request": self.request,
            "caller": self.caller,
            "account": self.account,
            "outcome": self.outcome,
            "door": self.door,
            "status": str(self.status or ""),
            "span": self.span,
            "since": self.since,
            "until": self.until,
            "live": "1" if self.live else "",
            "older": str(self.older or ""),
            "newer": str(self.newer or ""),
            "size": "" if self.size == SIZES[1] else str(self.size),
        }
        return {name: value for name, value in said.items() if value}

    def between(self, now: float, zone: tzinfo) -> tuple[float | None, float | None]:
        """From when until when; a span ends now, a day's hour is that of the operator's zone."""
        since = _moment(self.since, zone)
        if self.span:
            since = max(since or 0.0, now - SPANS[self.span])
        until = _moment(self.until, zone)
        return since, until and until + 60.0  # the minute that was named is meant, too

    @property
    def is_narrowed(self) -> bool:
        """Whether something is left out; an empty page then has another reason."""
        asked = (self.request, self.caller, self.account, self.outcome, self.door)
        return any((*asked, self.status, self.span, self.since, self.until))


def _is_moment(text: str) -> bool:
    try:
        return datetime.strptime(text, _MOMENT).year >= 1970  # noqa: DTZ007  the zone comes later
    except ValueError:
        return False


def _moment(text: str, zone: tzinfo) -> float | None:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=zone).timestamp() if text else None
