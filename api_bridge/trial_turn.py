"""One temporary question in the cheapest mode, asked as an API caller would: for the doctor."""

import time
from contextlib import closing

from api_bridge.chat_request import ChatRequest
from api_bridge.events import Failed, FailureKind, Text
from api_bridge.grok_port import GrokOverProxy
from api_bridge.internal_listener import InternalListener
from api_bridge.ports import Caller
from api_bridge.watch import Patience
from core.doctor.grok import TurnFacts
from core.settings import Settings
from core.wiring import Wiring

PROMPT = "Reply with the word ok."
MODEL = "grok-fast"
_PATIENCE = Patience(first_word=15.0, idle=20.0, failover=10.0)


def ask_once(wiring: Wiring, settings: Settings) -> TurnFacts:
    """What came of it; the chat leaves no history, whatever API_HATD says."""
    request = ChatRequest.parse(
        {"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]}, temporary=True
    )
    began = time.monotonic()
    said, failure = "", ""
    with closing(InternalListener(wiring)) as listener:
        grok = GrokOverProxy(listener, settings, _PATIENCE)
        with closing(grok.ask(request, PROMPT, Caller("env"))) as turn:
            for event in turn:
                if isinstance(event, Text):
                    said += event.text
                elif isinstance(event, Failed):
                    failure = event.kind.value
    milliseconds = round((time.monotonic() - began) * 1000)
    return TurnFacts(
        failure=failure or ("" if said else FailureKind.EMPTY.value), milliseconds=milliseconds
    )
