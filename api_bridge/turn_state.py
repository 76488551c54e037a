"""What both transports must remember of a turn: ids, whether anything was answered, the trouble.

Here an answer without content becomes a failure, and nothing follows an end.
"""

from dataclasses import replace

from api_bridge.events import (
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    Started,
    Text,
    Thinking,
)
from api_bridge.grok_fields import card_of
from api_bridge.request_fields import clean
from api_bridge.said import Said
from api_bridge.surrogates import Halves

_NO_ANSWER = Failed(FailureKind.EMPTY, "Grok finished without an answer.")
_NO_END = Failed(FailureKind.CUT, "Grok's answer broke off before its end.")
_MODERATED = Failed(FailureKind.MODERATED, "Grok's moderation withheld what was made.")


class TurnState:
    """One turn, as far as it has come; each method gives the events that follow from the news."""

    def __init__(self) -> None:
        self.conversation_id = ""
        self.response_id = ""
        self.has_ended = False
        self.is_complete = False
        """Whether the whole answer was seen, though perhaps not yet its end."""
        self._said = Said()
        self._halves, self._halves_of_thoughts = Halves(), Halves()
        self._images: set[str] = set()
        self._was_moderated = False
        self._trouble: Failed | None = None

    def started(self, conversation_id: str = "", response_id: str = "") -> list[GrokEvent]:
        conversation_id = conversation_id or self.conversation_id
        response_id = self.response_id or response_id
        if (conversation_id, response_id) == (self.conversation_id, self.response_id):
            return []
        self.conversation_id, self.response_id = conversation_id, response_id
        return [Started(conversation_id, response_id)]

    def text(self, text: str) -> list[GrokEvent]:
        if not (text := self._halves.feed(text)):
            return []
        self._said.feed(text)
        return [Text(text)]

    def thinking(self, thought: Thinking) -> list[GrokEvent]:
        text = self._halves_of_thoughts.feed(thought.text)
        return [replace(thought, text=text)] if text else []

    def whole_text(self, text: str) -> list[GrokEvent]:
        """The answer as repeated at its end: gives what the stream has left out."""
        return self.text(self._said.rest_of(clean(text)))

    def image(self, image: Image) -> list[GrokEvent]:
        self._was_moderated = self._was_moderated or image.is_moderated
        if image.is_final:
            if image.url in self._images:
                return []
            self._images.add(image.url)
        return [image]

    def card(self, json_text: str) -> list[GrokEvent]:
        """A card attachment: an image, or the source of a citation."""
        card = card_of(json_text)
        if isinstance(card, Image):
            return self.image(card)
        return [card] if card else []

    def note(self, trouble: Failed) -> list[GrokEvent]:
        """A trouble that the answer may outlive; the first one counts."""
        self._trouble = self._trouble or trouble
        return []

    def fail(self, failed: Failed) -> list[GrokEvent]:
        self.has_ended = True
        return [failed]

    def fail_with_trouble(self, failed: Failed) -> list[GrokEvent]:
        """Fail for the reason that was noted earlier, if there was one: it says more."""
        return self.fail(self._trouble or failed)

    def finish(self, reason: str = "") -> list[GrokEvent]:
        self.has_ended = True
        rest = [Text(text) for text in [self._halves.flush()] if text]
        if rest or self._images or self._said.has_words:
            return [*rest, Finished(self.response_id, reason)]
        return [self._trouble or (_MODERATED if self._was_moderated else _NO_ANSWER)]

    def close(self) -> list[GrokEvent]:
        """The connection is over; a failure unless everything had been said."""
        if self.has_ended:
            return []
        if self.is_complete:
            return self.finish()
        return self.fail_with_trouble(_NO_END)
