"""A stop in the middle of an API stream: the caller reads an error, not a broken connection."""

import json
import signal
import threading

import requests

from tests.loop.bridge import until
from tests.loop.test_api import KEY, api_mirror

QUESTION = {"model": "grok-4", "stream": True}


def test_a_stream_is_told_of_the_end(standin, tmp_path):
    standin.control.switch(signed="off", token_delay_ms=1)
    with api_mirror(standin, tmp_path, CHAT_TRANSPORT="mgw") as mirror:
        body = {**QUESTION, "messages": [{"role": "user", "content": "scenario:stall"}]}
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"{mirror.url}/v1/chat/completions"
        texts = []

        def read():
            texts.append(requests.post(url, json=body, headers=headers, timeout=60).text)

        reader = threading.Thread(target=read)
        reader.start()
        until(standin.control.open_streams)
        mirror.processes["addons"].send_signal(signal.SIGTERM)
        reader.join(40)
    (text,) = texts
    last = [block for block in text.split("\n\n") if block.startswith("data: ")][-1]
    assert json.loads(last[6:])["error"]["code"] == "upstream_cut"
