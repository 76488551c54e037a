"""How many calls within the last minute: a window per name, in as little memory as it takes.

Forgets by itself. A restart forgives the minute, which is why longer limits are counted elsewhere.
"""

from collections import OrderedDict, deque

WINDOW = 60.0


class CallRate:
    """Windows of the names that called last; `most` of them, for names that strangers choose."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, name: str, limit: int, now: float) -> float:
        """Count a call and give 0; or, when the minute is full, the seconds until it is not."""
        calls = self._calls.pop(name, None) or deque()
        self._calls[name] = calls
        if len(self._calls) > self._most:
            self._calls.popitem(last=False)
        while calls and not 0 <= now - calls[0] < WINDOW:  # a clock may be set back
            calls.popleft()
        if len(calls) < limit:
            calls.append(now)
            return 0.0
        return WINDOW - (now - calls[0]) if calls else WINDOW
