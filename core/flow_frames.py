"""How copies of flows travel to the process that shows them: a greeting with the run's secret, then
each behind its length in four bytes."""

from hmac import compare_digest

LARGEST = 64 * 2**20
GREETING_SIZE = 65
LENGTH_SIZE = 4


def greeting(secret: str) -> bytes:
    """What a proxy says first."""
    return secret.encode() + b"\n"


def is_greeting(said: bytes, secret: str) -> bool:
    """Whether it is one of this run's proxies that says it."""
    return compare_digest(said, greeting(secret))


def framed(flow: bytes) -> bytes:
    """One copy."""
    return len(flow).to_bytes(LENGTH_SIZE) + flow


def length_in(head: bytes) -> int:
    """Of the copy that follows. Raises ValueError when no proxy of ours would send one as large."""
    length = int.from_bytes(head)
    if length > LARGEST:
        raise ValueError("too large for a flow")
    return length
