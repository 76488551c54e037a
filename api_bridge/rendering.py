"""Grok's events → deltas: how thoughts, footnotes and images look as text.

A failed turn raises GrokFailedError, except that moderation of a begun answer is an end of its
own, which clients know as `content_filter`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from api_bridge.deltas import (
    Addition,
    Annotation,
    Content,
    Delta,
    Finish,
    FinishReason,
    Ids,
    Reasoning,
    Waiting,
)
from api_bridge.errors import GrokFailedError
from api_bridge.events import (
    Citation,
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    SearchResult,
    Silence,
    Started,
    Text,
    Thinking,
    Video,
)
from api_bridge.footnotes import Footnotes


@dataclass(frozen=True, slots=True)
class Look:
    """How an answer is to look; `image_url` gives an address that the caller can open."""

    image_url: Callable[[Image], str]
    footnotes: bool = True


def deltas(events: Iterable[GrokEvent], look: Look) -> Iterator[Delta]:
    """The whole answer."""
    rendering = _Rendering(look)
    for event in events:
        yield from rendering.of(event)
        if isinstance(event, Finished | Failed):
            return
    raise GrokFailedError(Failed(FailureKind.CUT))


class _Rendering:
    """What must be remembered between two events."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._notes = Footnotes()
        self._length = 0
        self._last_thought: Thinking | None = None
        self._thoughts_end = ""

    def of(self, event: GrokEvent) -> Iterator[Delta]:
        match event:
            case Text(text):
                yield self._shown(Content(text))
            case Thinking():
                yield Reasoning(self._thought(event))
            case Citation():
                yield from self._citation(event)
            case SearchResult():
                self._notes.found(event)
            case Image() if event.is_final:
                yield self._shown(Addition(self._image(event)))
            case _:
                yield from self._of_turn(event)

    def _of_turn(self, event: GrokEvent) -> Iterator[Delta]:
        match event:
            case Started(conversation_id, response_id):
                yield Ids(conversation_id, response_id)
            case Silence():
                yield Waiting()
            case Finished(_, reason):
                yield from self._sources()
                yield Finish(_finish_reason(reason))
            case Failed():
                yield from self._failed(event)

    def _shown[Visible: Content](self, delta: Visible) -> Visible:
        self._length += len(delta.text)
        return delta

    def _thought(self, thought: Thinking) -> str:
        """Titles of steps on lines of their own."""
        last, self._last_thought = self._last_thought, thought
        gap = ""
        if last and (last.is_title, last.step) != (thought.is_title, thought.step):
            gap = "\n\n" if thought.is_title else "\n"
        text = gap[_newlines_at_end(self._thoughts_end, gap) :] + thought.text
        self._thoughts_end = (self._thoughts_end + text)[-2:]
        return text

    def _citation(self, citation: Citation) -> Iterator[Delta]:
        start = self._length
        number = self._notes.cite(citation, start)
        if self._look.footnotes:
            yield self._shown(Addition(f"[{number}]"))

    def _image(self, image: Image) -> str:
        """A video is no picture to Markdown: a link, which every client can open."""
        gap = "\n\n" if self._length else ""
        name = "[video]" if isinstance(image, Video) else "![image]"
        return f"{gap}{name}({self._look.image_url(image)})\n"

    def _sources(self) -> Iterator[Delta]:
        """Definitions in Markdown: readable as they stand, and links to what renders them."""
        lines = list(self._notes.lines())
        if lines and self._look.footnotes:
            yield self._shown(Addition("\n\n" + "\n".join(lines)))
        marked = self._look.footnotes
        for place in self._notes.places():
            end = place.start + (len(f"[{place.number}]") if marked else 0)
            yield Annotation(place.url, place.title, place.start, end)

    def _failed(self, failed: Failed) -> Iterator[Delta]:
        if failed.kind is not FailureKind.MODERATED or not self._length:
            raise GrokFailedError(failed)
        yield Finish("content_filter")


def _finish_reason(reason: str) -> FinishReason:
    if not reason:
        return "stop"
    return "content_filter" if "content" in reason or "moderat" in reason else "length"


def _newlines_at_end(text: str, gap: str) -> int:
    return min(len(gap), len(text) - len(text.rstrip("\n")))
