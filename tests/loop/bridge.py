"""The real port to Grok before a real proxy, and the words to ask it with."""

import threading
import time
from dataclasses import replace

from api_bridge.chat_request import ChatRequest
from api_bridge.events import Failed, Finished, Silence, Started, Text, Thinking
from api_bridge.grok_port import GrokOverProxy
from api_bridge.internal_listener import InternalListener
from api_bridge.ports import Caller
from api_bridge.watch import Patience

TRANSPORTS = ("mgw", "http")
ENV = Caller("env")
LISTENERS = []


def port_to(mirror, transport="auto", **more):
    patience = more.pop("patience", Patience())
    settings = replace(mirror.settings, chat_transport=transport, **more)
    return GrokOverProxy(listener_of(mirror), settings, patience)


def listener_of(mirror):
    """Its connections are closed with the test."""
    listener = InternalListener(mirror.wiring)
    LISTENERS.append(listener)
    return listener


def request(model="grok-4-fast", content="see the prompt", **more):
    messages = [{"role": "user", "content": content}]
    return ChatRequest.parse({"model": model, "messages": messages, **more})


def ask(port, prompt, caller=ENV, **more):
    return port.ask(request(**more), prompt, caller)


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, Text))


def thoughts_of(events):
    return "".join(event.text for event in events if isinstance(event, Thinking))


def ids_of(events):
    """Conversation and response, as told last."""
    started = [event for event in events if isinstance(event, Started)][-1]
    return started.conversation_id, started.response_id


def end_of(events):
    """The kind of a failure, or 'finished'."""
    last = events[-1]
    assert sum(isinstance(event, Finished | Failed) for event in events) == 1
    return last.kind.value if isinstance(last, Failed) else "finished"


def seconds_to_quiet(standin):
    """How long the stand-in goes on sending after this moment."""
    start = time.monotonic()
    assert standin.control.wait_for_stream_end(timeout=5)
    return time.monotonic() - start


def read_in_thread(turn):
    """The events as they come, read elsewhere; and the thread that reads them."""
    events = []
    thread = threading.Thread(target=lambda: events.extend(turn), daemon=True)
    thread.start()
    return events, thread


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def spoken(events):
    return [event for event in events if not isinstance(event, Silence)]
