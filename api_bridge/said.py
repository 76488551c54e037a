"""How much of a text was said already, without keeping it. Pure.

A stream of hundreds of tokens would be hundreds of small objects, held to be compared once.
"""

import hashlib


class Said:
    """Feed it what is said; ask it at the end what is missing."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=16)
        self._length = 0
        self.has_words = False
        """Whether it was more than white space."""

    def feed(self, text: str) -> None:
        """Text of whole characters."""
        self._digest.update(text.encode())
        self._length += len(text)
        self.has_words = self.has_words or bool(text.strip())

    def rest_of(self, whole: str) -> str:
        """What follows in `whole`; nothing when it begins otherwise."""
        begun = hashlib.blake2b(whole[: self._length].encode(), digest_size=16)
        return whole[self._length :] if begun.digest() == self._digest.digest() else ""
