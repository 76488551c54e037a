"""What came together is told together: one piece of text where there were several.

Pure. What a caller reads is the same; it only costs less to pass on.
"""

from collections.abc import Iterable
from dataclasses import replace

from api_bridge.events import GrokEvent, Text, Thinking


def gathered(events: Iterable[GrokEvent]) -> list[GrokEvent]:
    """The same events, with neighbouring pieces of one text put together."""
    found: list[GrokEvent] = []
    texts: list[str] = []
    for event in events:
        if texts and not _goes_on(found[-1], event):
            found[-1] = _whole(found[-1], texts)
            texts = []
        if isinstance(event, Text | Thinking):
            if not texts:
                found.append(event)
            texts.append(event.text)
        else:
            found.append(event)
    if texts:
        found[-1] = _whole(found[-1], texts)
    return found


def _goes_on(last: GrokEvent, event: GrokEvent) -> bool:
    if isinstance(last, Thinking) and isinstance(event, Thinking):
        return (last.is_title, last.step) == (event.is_title, event.step)
    return isinstance(last, Text) and isinstance(event, Text)


def _whole(first: GrokEvent, texts: list[str]) -> GrokEvent:
    if isinstance(first, Text | Thinking) and len(texts) > 1:
        return replace(first, text="".join(texts))
    return first
