"""Does several waits at the same time, in threads that never hold up the end of the process."""

import threading
from collections.abc import Callable, Iterable
from queue import Queue


class WaitBrokenError(Exception):
    """One of the threads made a mistake; its own traceback tells which."""


def side_by_side[K, T](work: Callable[[K], T], items: Iterable[K]) -> dict[K, T]:
    """The result of each, in the order of the items."""
    told: Queue[tuple[K, T] | None] = Queue()
    wanted = list(items)

    def do(item: K) -> None:
        news = None
        try:
            news = (item, work(item))
        finally:
            told.put(news)

    for item in wanted:
        threading.Thread(target=do, args=(item,), daemon=True).start()
    found: dict[K, T] = {}
    for _ in wanted:
        news = told.get()
        if news is None:
            raise WaitBrokenError
        found[news[0]] = news[1]
    return {item: found[item] for item in wanted}
