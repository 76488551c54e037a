"""Asking and telling at a terminal, and what to do where there is none."""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path


def ask(question: str, *, own_input: bool = True) -> bool:
    """The operator's yes; without a terminal it counts as given.

    `own_input` is False when standard input is a file that is being read.
    """
    if own_input and sys.stdin.isatty():
        return _is_yes(input(question))
    if own_input or not sys.stdout.isatty():
        return True
    with Path("/dev/tty").open("r+b", buffering=0) as terminal:
        terminal.write(question.encode())
        return _is_yes(terminal.readline().decode("utf-8", "replace"))


def read_password(question: str) -> str:
    """A password typed unseen, or the first line of standard input; never from argv."""
    if sys.stdin.isatty():
        password = getpass.getpass(question)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ValueError("密码为空 / the password is empty")
    return password


def tell_progress(what: str) -> Callable[[int, int], None]:
    """A counter on one line, at a terminal only."""

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{what} {done}/{total}" + ("\n" if done >= total else ""))
            sys.stderr.flush()

    return tell


def _is_yes(answer: str) -> bool:
    return answer.strip().casefold() in ("y", "yes", "是", "好")
