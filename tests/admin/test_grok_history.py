"""What each answer of the proxy or of Grok means for somebody who reads his conversations."""

import pytest

from admin.grok_history import LARGEST, GrokHistory, HistoryError, Trouble, _judged


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (401, b"", Trouble.NO_ACCOUNT),
        (403, b"anti-bot", Trouble.SLOW_DOWN),
        (404, b"", Trouble.GONE),
        (429, b"", Trouble.SLOW_DOWN),
        (500, b"", Trouble.AWAY),
        (503, b'{"error":{"code":"no_account"}}', Trouble.NO_ACCOUNT),
        (503, b'{"error":{"code":"storage_busy"}}', Trouble.AWAY),
        (302, b"", Trouble.AWAY),
        (200, b"x" * (LARGEST + 1), Trouble.AWAY),
    ],
)
def test_troubles(status: int, body: bytes, trouble: Trouble) -> None:
    with pytest.raises(HistoryError) as raised:
        _judged(status, body)
    assert raised.value.trouble is trouble


def test_without_a_proxy_there_is_no_answer() -> None:
    with pytest.raises(HistoryError) as raised:
        list(GrokHistory(None).heads(1, 1, ["c"]))
    assert raised.value.trouble is Trouble.AWAY
