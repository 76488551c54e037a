"""Who is served next when all are busy: callers in turn, each caller's calls in their order.

One caller with a hundred calls waits no shorter than one with a single call.
"""

from collections import OrderedDict
from collections.abc import Callable


class FairQueue[T]:
    """Holds what waits, by caller."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, list[T]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def join(self, caller: str, item: T) -> None:
        self._lines.setdefault(caller, []).append(item)
        self._length += 1

    def leave(self, caller: str, item: T) -> None:
        """Nothing happens to what does not wait."""
        line = self._lines.get(caller, [])
        if item in line:
            line.remove(item)
            self._length -= 1
            if not line:
                del self._lines[caller]

    def serve(self, can_be_served: Callable[[T], bool]) -> T | None:
        """Take out the first that can be served; its caller goes to the end of the line."""
        for caller, line in self._lines.items():
            for item in line:
                if can_be_served(item):
                    self.leave(caller, item)
                    if caller in self._lines:
                        self._lines.move_to_end(caller)
                    return item
        return None
