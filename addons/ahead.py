"""What was decided here and the snapshot of the database does not show yet."""


class Ahead[T]:
    """Values by row id. `shown` is always what the snapshot shows for that row."""

    def __init__(self) -> None:
        self._decided: dict[int, tuple[T, T]] = {}

    def decide(self, key: int, shown: T, value: T) -> None:
        self._decided[key] = (shown, value)

    def get(self, key: int, shown: T) -> T:
        """Ours while the snapshot shows what it showed then; the snapshot's once it moved on."""
        seen, value = self._decided.get(key, (shown, shown))
        if seen == shown:
            return value
        del self._decided[key]
        return shown
