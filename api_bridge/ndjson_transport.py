"""A turn over HTTP, blocking: bundles of events, one a piece of the body, as they come.

The answer's head is waited for without a limit of its own: whoever reads the bundles has a clock.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from http.client import HTTPException

from api_bridge.background import Items
from api_bridge.door import Door, account_of
from api_bridge.events import Bundle, GrokEvent, Lent, Started
from api_bridge.ndjson import NdjsonReader
from api_bridge.ndjson_request import body_of, path_of
from api_bridge.question import Question

_PIECE = 65_536


def turn(door: Door, question: Question, extra: Mapping[str, str] | None = None) -> Items[Bundle]:
    """All of one turn; RefusedError before the first bundle when Grok does not take it."""
    body = json.dumps(body_of(question), ensure_ascii=False).encode("utf-8", "replace")
    headers = {
        "content-type": "application/json",
        "x-xai-request-id": str(uuid.uuid4()),
        **(extra or {}),
    }
    path = path_of(question)
    reader = NdjsonReader()
    with door.call("POST", path, body=body, headers=headers, seconds=None) as answer:
        yield [Lent(account_of(answer) or 0)]
        try:
            while piece := answer.read1(_PIECE):
                if not reader.has_ended:  # the rest is only heard out
                    yield _named(reader.feed(piece), question)
        except (OSError, HTTPException):
            door.lifeline.check()  # cut by us, or by Grok: the reader knows what is missing
    yield _named(reader.close(), question)
    return None


def _named(events: list[GrokEvent], question: Question) -> Bundle:
    """In a conversation that goes on, this transport does not say which one it is."""
    known = question.conversation_id
    return [
        replace(event, conversation_id=event.conversation_id or known)
        if isinstance(event, Started)
        else event
        for event in events
    ]
