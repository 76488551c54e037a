"""Tells in plain words why an account was chosen, from the note that a record keeps."""

from collections.abc import Iterable, Iterator

from admin.language import text
from admin.names import Names
from admin.texts import TEXTS
from core.choice_note import ChoiceNote, Way

_WORTH_SAYING_MS = 10
_SHOWN_KEY = 10


def told(note: ChoiceNote | None, names: Names, mode: str) -> list[str]:
    """A few sentences in the reader's language; none when nothing was kept."""
    return list(_sentences(note, names, mode)) if note else []


def ids_in(note: ChoiceNote | None) -> set[int]:
    """The accounts whose names the sentences will want."""
    if note is None:
        return set()
    found = {*note.candidates, *note.avoided, *(number for number, _ in note.examples)}
    return found | {note.left} if note.left else found


def _sentences(note: ChoiceNote, names: Names, mode: str) -> Iterator[str]:
    if note.way is Way.POOL:
        yield from _of_pool(note, names, mode)
    elif note.way is Way.GIVEN:
        yield text("why_given")
        if note.left_because:
            before, reason = names.account(note.left).text, _reason(note.left_because)
            yield text("why_left", name=before, reason=reason)
    else:
        yield text(f"why_{note.way.value}")
    if note.waited_ms >= _WORTH_SAYING_MS:
        yield text("why_waited", ms=note.waited_ms)


def _of_pool(note: ChoiceNote, names: Names, mode: str) -> Iterator[str]:
    if note.is_sticky:
        yield text("why_sticky", sticky=_short(note.sticky))
    elif note.number:
        strategy = text(f"strategy_{note.strategy}")
        what = "why_best" if mode else "why_best_any"
        yield text(what, strategy=strategy, count=note.number, mode=mode)
        yield text("why_candidates", names=_listed(note.candidates, note.number, names))
        if note.sticky:
            yield text("why_sticky_new", sticky=_short(note.sticky))
    else:
        yield text("why_nobody")
    for reason, count in sorted(note.skipped.items(), key=lambda pair: -pair[1]):
        ids = [number for number, why in note.examples if why == reason]
        who = _listed(ids, count, names) if ids else text("why_more", count=count)
        yield text("why_skipped", count=count, reason=_reason(reason), names=who)
    if note.avoided:
        yield text("why_avoided", names=_listed(note.avoided, len(note.avoided), names))


def _listed(ids: Iterable[int], count: int, names: Names) -> str:
    shown = [names.account(number).text for number in ids]
    if count > len(shown):
        shown.append(text("why_more", count=count - len(shown)))
    return text("list_comma").join(shown)


def _reason(word: str) -> str:
    key = f"skip_{word.replace(' ', '_')}"
    return text(key) if key in TEXTS else word


def _short(key: str) -> str:
    return key if len(key) <= _SHOWN_KEY else f"{key[:_SHOWN_KEY]}…"
