"""Pongs are told from signs of life."""

import pytest

from api_bridge.mgw_transport import is_pong


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"event":{"type":"pong","event_id":"e"}}', True),
        ('{ "event": { "type": "pong" } }', True),
        ('{"event":{"type":"pong"}}{"event":{"type":"response.chunk"}}', False),
        ('{"event":{"type":"response.chunk","chunk":{"text":{"text":"\\"pong\\""}}}}', False),
        ('{"event":{"type":"response.chunk","chunk":{"text":{"text":"pong"}}}}', False),
        ("pong", False),
    ],
)
def test_a_pong_says_nothing_else(message, expected):
    assert is_pong(message) is expected
