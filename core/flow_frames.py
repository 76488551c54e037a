"""How copies of flows travel to the process that shows them: each behind its length."""

LARGEST = 64 * 2**20
LENGTH_SIZE = 4


def framed(flow: bytes) -> bytes:
    """One copy."""
    return len(flow).to_bytes(LENGTH_SIZE) + flow


def length_in(head: bytes) -> int:
    """Of the copy that follows. Raises ValueError when no proxy of ours would send one as large."""
    length = int.from_bytes(head)
    if length > LARGEST:
        raise ValueError("too large for a flow")
    return length
