"""Writes down why a call was lent its account, and what a user's car is to him.

The bridge asks for an account once for each question and then names it at every further step: for
a while those steps keep the note of the choice.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from core.account import Account
from core.bridge_call import OPERATOR, BridgeCall
from core.car_choice import Rider, why_left
from core.choice_note import ChoiceNote, Way, note_of_choice
from core.pool_choice import Choice

STEPS_SECONDS = 120.0
MOST_REMEMBERED = 10_000

_KEPT, _CHOSEN = ChoiceNote(way=Way.KEPT), ChoiceNote(way=Way.CHOSEN)


class ChoiceNotes:
    """One per proxy process."""

    def __init__(self) -> None:
        self._recent: OrderedDict[tuple[str, int], tuple[ChoiceNote, float]] = OrderedDict()

    def chosen(self, call: BridgeCall, choice: Choice, began: float) -> ChoiceNote:
        """Of a call that was lent, or refused, an account of the pool."""
        note = note_of_choice(
            choice, sticky=call.sticky, avoided=call.avoid, waited_ms=_since(began)
        )
        if choice.account:
            key = (call.caller, choice.account.id)
            self._recent[key] = (note, time.monotonic() + STEPS_SECONDS)
            self._recent.move_to_end(key)
            if len(self._recent) > MOST_REMEMBERED:
                self._recent.popitem(last=False)
        return note

    def named(self, call: BridgeCall, began: float) -> ChoiceNote:
        """Of a call that says itself which account it means."""
        if call.sso_token:
            return ChoiceNote(way=Way.OWN)
        if call.caller == OPERATOR:
            return ChoiceNote(way=Way.TEST)
        note, until = self._recent.get((call.caller, call.account_id or 0), (None, 0.0))
        if note is None or time.monotonic() > until:
            note = ChoiceNote(way=Way.CONVERSATION)
        return replace(note, waited_ms=_since(began))


def note_of_car(
    rider: Rider, account: Account | None, accounts: Mapping[int, Account]
) -> ChoiceNote:
    """`rider` knows which car he had a moment ago."""
    if account and account.id == rider.account_id:
        return _CHOSEN if rider.has_chosen else _KEPT
    return ChoiceNote(
        way=Way.GIVEN,
        left=rider.account_id,
        left_because=why_left(rider, accounts),
    )


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
