"""What was decided here and the snapshot of the database does not show yet."""

from collections.abc import Callable

# Longer than a write and the next look at the database take together.
_SECONDS = 10.0


class Ahead[T]:
    """Values by row id. `shown` is always what the snapshot shows for that row."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._decided: dict[int, tuple[T, T, float]] = {}

    def decide(self, key: int, shown: T, value: T) -> None:
        self._decided[key] = (shown, value, self._clock() + _SECONDS)

    def get(self, key: int, shown: T) -> T:
        """Ours while the snapshot shows what it showed then; the snapshot's once it moved on.

        And after a while in any case: the row may have moved on and back while nobody looked.
        """
        if key not in self._decided:
            return shown
        seen, value, until = self._decided[key]
        if seen == shown and self._clock() < until:
            return value
        del self._decided[key]
        return shown
