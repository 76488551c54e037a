"""Why a flow was lent its account: kept with its record in few bytes, told in words by the console.

Only numbers and words of ours are in it; what cannot be read back is no note.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.pool_choice import Choice

MOST_NAMED = 6
"""How many candidates are named; all of them are counted."""
_MOST_EACH = 3
"""How many skipped accounts are named for each reason."""


class Way(StrEnum):
    """How an account comes to a flow."""

    POOL = "pool"
    """A call: chosen among the shared accounts by the strategy."""
    CONVERSATION = "conversation"
    """A call: its conversation lives there, or a step of the same question was made there."""
    OWN = "own"
    """A call: it brought an SSO token of its own."""
    TEST = "test"
    """The operator has asked for it."""
    KEPT = "kept"
    """A user: the car he has."""
    CHOSEN = "chosen"
    """A user: the car he has chosen himself."""
    GIVEN = "given"
    """A user: a new car, since he had none that runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceNote:
    """One choice; what a way does not know stays empty."""

    way: Way
    strategy: str = ""
    sticky: str = ""
    """The caller's key that ties his calls to one account."""
    is_sticky: bool = False
    """The choice went by it."""
    candidates: tuple[int, ...] = ()
    number: int = 0
    """How many candidates there were."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[tuple[int, str], ...] = ()
    avoided: tuple[int, ...] = ()
    """Accounts that have failed this call before."""
    waited_ms: int = 0
    left: int | None = None
    """The car the user had before, and why he could not keep it."""
    left_because: str = ""

    def to_json(self) -> str:
        """As few bytes as can be: every record carries one."""
        said = {
            "w": self.way.value,
            "s": self.strategy,
            "k": self.sticky,
            "y": int(self.is_sticky),
            "c": list(self.candidates),
            "n": self.number,
            "x": dict(self.skipped),
            "e": [list(example) for example in self.examples],
            "a": list(self.avoided),
            "q": self.waited_ms,
            "l": self.left,
            "b": self.left_because,
        }
        kept = {name: value for name, value in said.items() if value}
        return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def note_of_choice(
    choice: Choice, *, sticky: str = "", avoided: frozenset[int] = frozenset(), waited_ms: int = 0
) -> ChoiceNote:
    """The note of a choice among the shared accounts."""
    return ChoiceNote(
        way=Way.POOL,
        strategy=choice.strategy.value,
        sticky=sticky,
        is_sticky=choice.sticky,
        candidates=choice.candidates[:MOST_NAMED],
        number=len(choice.candidates),
        skipped=choice.skipped,
        examples=_few_of_each(choice.examples),
        avoided=tuple(sorted(avoided))[:MOST_NAMED],
        waited_ms=waited_ms,
    )


def _few_of_each(examples: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    named: Counter[str] = Counter()
    found: list[tuple[int, str]] = []
    for number, reason in examples:
        named[reason] += 1
        if named[reason] <= _MOST_EACH and len(found) < 2 * MOST_NAMED:
            found.append((number, reason))
    return tuple(found)


def read_note(text: str) -> ChoiceNote | None:
    """The note as it was kept; None for an empty one, or one of another version."""
    try:
        said = json.loads(text) if text else {}
        return ChoiceNote(
            way=Way(said["w"]),
            strategy=str(said.get("s", "")),
            sticky=str(said.get("k", "")),
            is_sticky=bool(said.get("y")),
            candidates=tuple(map(int, said.get("c", ()))),
            number=int(said.get("n", 0)),
            skipped={str(reason): int(n) for reason, n in said.get("x", {}).items()},
            examples=tuple((int(number), str(why)) for number, why in said.get("e", ())),
            avoided=tuple(map(int, said.get("a", ()))),
            waited_ms=int(said.get("q", 0)),
            left=said.get("l"),
            left_because=str(said.get("b", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
