"""Says times as people do: `3 分钟前`, `14:30`, with the full date for a `title`."""

import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask

from admin.language import text

_DAY = 86_400.0
_UNITS = ((86_400, "span_days"), (3600, "span_hours"), (60, "span_minutes"))
_STEPS = ((86_400, "days_ago"), (3600, "hours_ago"), (60, "minutes_ago"))


def tell_time(app: Flask, zone_name: str, clock: Callable[[], float] = time.time) -> None:
    """Give templates the filters `ago`, `span`, `clock`, `soon`, `date`, `stamp` and `second`."""
    zone = zone_named(zone_name)
    app.jinja_env.filters["ago"] = lambda moment: ago(moment, clock())
    app.jinja_env.filters["span"] = span
    app.jinja_env.filters["clock"] = lambda moment: _local(moment, zone, "%H:%M")
    app.jinja_env.filters["soon"] = lambda moment: _local(
        moment, zone, "%H:%M" if moment - clock() < _DAY else "%m-%d %H:%M"
    )
    app.jinja_env.filters["date"] = lambda moment: _local(moment, zone, "%Y-%m-%d %H:%M")
    app.jinja_env.filters["stamp"] = lambda stamp: stamped(stamp, zone)
    app.jinja_env.filters["second"] = lambda moment: _local(moment, zone, "%m-%d %H:%M:%S")


def ago(moment: float | None, now: float) -> str:
    """How long ago, in the page's language."""
    if moment is None:
        return text("never")
    for seconds, key in _STEPS:
        if now - moment >= seconds:
            return text(key, n=int((now - moment) // seconds))
    return text("just_now")


def span(seconds: float) -> str:
    """How long, in its two largest units at most."""
    parts: list[str] = []
    rest = int(seconds)
    for size, key in _UNITS:
        if rest >= size and len(parts) < 2:
            parts.append(text(key, n=rest // size))
            rest %= size
    return " ".join(parts) or text("span_seconds", n=max(rest, 1))


def stamped(stamp: str, zone: tzinfo) -> str:
    """A moment as Grok writes it; whatever is none stays as it is."""
    try:
        return datetime.fromisoformat(stamp).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return stamp[:40]


def _local(moment: float, zone: tzinfo, pattern: str) -> str:
    return datetime.fromtimestamp(moment, zone).strftime(pattern)


def zone_named(name: str) -> ZoneInfo:
    """The operator's time zone; UTC for a name this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
