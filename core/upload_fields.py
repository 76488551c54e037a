"""Looks at the fields of an upload as it streams by: only those that the route names may pass.

A field nobody has looked at could put the file into somebody else's project. The heads of the parts
are held until they are whole and read; what they contain passes untouched.
"""

import re
from collections.abc import Collection

from core.ids import UnreadableError

_BOUNDARY = re.compile(
    r'multipart/form-data\s*;\s*boundary=(?:"([^"\r\n]{1,70})"|([\w\'()+,./:=?-]{1,70}))\s*\Z',
    re.IGNORECASE,
)
_DISPOSITION = re.compile(
    rb'form-data; name="([\w.-]{1,60})"(?:; filename="(?:[^"\\\r\n]|\\.)*")?'
    rb"(?:; filename\*=[\w!#$%&'*+.^`|~-]+)?\s*\Z"
)
_LINE_END = b"\r\n"
MOST_HEAD = 8 * 1024
MOST_PARTS = 20


class UploadFields:
    """A stage of the request. Raises UnreadableError for a body that must not go on."""

    def __init__(self, content_type: str, fields: Collection[str]) -> None:
        found = _BOUNDARY.match(content_type.strip())
        if found is None:
            raise UnreadableError("no form with a plain boundary")
        self._delimiter = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
        self._fields = frozenset(fields)
        self._held = b""
        self._in_head = False
        self._parts = 0
        self._begun = False
        self._ours = len(_LINE_END)
        """How much of what passes next was put there by us."""
        self._ended = False

    def feed(self, data: bytes) -> bytes:
        """What may go on."""
        self._held += data
        if not self._begun:
            if len(self._held) < len(self._delimiter) - 2:
                return b""
            if not self._held.startswith(self._delimiter[2:]):
                raise UnreadableError("text before the first part")
            self._begun = True
            self._held = _LINE_END + self._held  # the first boundary has none before it
        ready = self._passed()
        cut = min(self._ours, len(ready))
        self._ours -= cut
        return ready[cut:]

    def flush(self) -> bytes:
        """At the end; raises when it is not one."""
        if not self._ended:
            raise UnreadableError("the form does not end")
        ready, self._held = self._held, b""
        return ready

    def _passed(self) -> bytes:
        ready: list[bytes] = []
        while True:
            size = self._head() if self._in_head else self._body()
            if not size:
                return b"".join(ready)
            ready.append(self._held[:size])
            self._held = self._held[size:]

    def _body(self) -> int:
        """How much of a part's content may go on; at its end the next head begins."""
        if self._ended:
            if self._held.strip(b"\r\n"):
                raise UnreadableError("text behind the last part")
            return len(self._held)
        at = self._held.find(self._delimiter)
        if at == 0:
            self._in_head = True
            return self._head()
        return at if at > 0 else max(0, len(self._held) - len(self._delimiter) + 1)

    def _head(self) -> int:
        """The size of a part's head, boundary included, once it is whole and found good."""
        size = len(self._delimiter)
        if self._held[size : size + 2] == b"--":
            self._ended, self._in_head = True, False
            return size + 2
        end = self._held.find(b"\r\n\r\n", size)
        if end < 0:
            if len(self._held) > MOST_HEAD:
                raise UnreadableError("an endless head")
            return 0
        self._check(self._held[size:end])
        self._in_head = False
        return end + 4

    def _check(self, head: bytes) -> None:
        self._parts += 1
        first, *lines = head.split(b"\r\n")
        if first or self._parts > MOST_PARTS:
            raise UnreadableError("an odd head")
        named = [line for line in lines if line.lower().startswith(b"content-disposition:")]
        found = _DISPOSITION.match(named[0].partition(b":")[2].strip()) if len(named) == 1 else None
        if found is None or found[1].decode() not in self._fields:
            raise UnreadableError("a field that the route does not name")
