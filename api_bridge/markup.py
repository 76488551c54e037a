"""Takes Grok's own markup out of a streamed text, and citations out of the markup.

`<grok:render …>…</grok:render>`, `<xai:tool_usage_card>…` and their like may be split anywhere.
Only what can still become such a tag is held back; what turns out to be none is given out whole.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from api_bridge.events import Citation, Finished, GrokEvent, Text, Thinking

LONGEST_ELEMENT = 16_384
"""Characters; a tag without an end is text after that many."""

_START = re.compile(r"<(?:grok|xai):")
_STARTS = ("<grok:", "<xai:")
_POSSIBLE = re.compile(r"<(?:grok|xai):(?:[a-z_][\w-]*(?:[\s/>].*)?)?\Z", re.DOTALL)
_ELEMENT = re.compile(
    r"<(?P<space>grok|xai):(?P<name>[a-z_][\w-]*)(?=[\s/>])(?P<attributes>[^>]*?)"
    r"(?:/>|>(?P<inside>.*?)</(?P=space):(?P=name)\s*>)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_ARGUMENT = re.compile(r'<argument name="([\w-]+)">([^<]*)</argument>')


class MarkupFilter:
    """Feed text, get text and citations; flush gives what was held back."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> list[str | Citation]:
        if not self._held and "<" not in text:
            return [text] if text else []
        may_close = ">" in text or len(self._held) > LONGEST_ELEMENT
        self._held += text
        return list(self._parts()) if may_close or not self._is_waiting() else []

    def flush(self) -> list[str | Citation]:
        rest, self._held = self._held, ""
        return [rest] if rest else []

    def _is_waiting(self) -> bool:
        """Inside an element, where nothing but its `>` can change anything."""
        return len(self._held) <= LONGEST_ELEMENT and bool(_POSSIBLE.match(self._held))

    def _parts(self) -> Iterator[str | Citation]:
        text, at, sent = self._held, 0, 0
        while start := _START.search(text, at):
            if element := _ELEMENT.match(text, start.start()):
                if text[sent : element.start()]:
                    yield text[sent : element.start()]
                if citation := _citation(element):
                    yield citation
                sent = at = element.end()
            elif self._may_become_element(text, start.start()):
                break
            else:
                at = start.end()
        hold = start.start() if start else _partial_start(text, sent)
        self._held = text[hold:]
        if text[sent:hold]:
            yield text[sent:hold]

    def _may_become_element(self, text: str, at: int) -> bool:
        return len(text) - at <= LONGEST_ELEMENT and bool(_POSSIBLE.match(text, at))


def without_markup(events: Iterable[GrokEvent]) -> Iterator[GrokEvent]:
    """The same events with clean text; citations inside of thoughts are dropped.

    What a failed turn leaves unfinished in the filter is lost with the rest of its answer.
    """
    answer, thoughts = MarkupFilter(), MarkupFilter()
    for event in events:
        match event:
            case Text(text):
                yield from map(_event, answer.feed(text))
                continue
            case Thinking(text):
                for part in thoughts.feed(text):
                    if isinstance(part, str):
                        yield replace(event, text=part)
                continue
            case Finished():
                yield from map(_event, answer.flush())
        yield event


def _event(part: str | Citation) -> GrokEvent:
    return Text(part) if isinstance(part, str) else part


def _citation(element: re.Match[str]) -> Citation | None:
    attributes = dict(_ATTRIBUTE.findall(element["attributes"]))
    arguments = dict(_ARGUMENT.findall(element["inside"] or ""))
    number = arguments.get("citation_id", "")
    kinds = attributes.get("card_type", "") + attributes.get("type", "")
    if not number and "citation" not in kinds:
        return None
    return Citation(arguments.get("url", ""), number, attributes.get("card_id", ""))


def _partial_start(text: str, at: int) -> int:
    """Where a start that the text breaks off in begins; the text's end when there is none."""
    start = text.rfind("<", max(at, len(text) - len("<grok:") + 1))
    if start >= 0 and any(full.startswith(text[start:]) for full in _STARTS):
        return start
    return len(text)
