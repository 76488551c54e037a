"""Bodies as they travel: content codings and charsets, taken off for the stages in between.

What cannot be decoded is an error, never raw bytes: a body that no stage could read might hold
anything. Output is bounded, because a few bytes can stand for gigabytes.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import brotli
import zstandard

from addons.charsets import Transcoded, is_ascii_compatible
from core.rewriting import StreamRewriter

MOST_PER_FEED = 16 * 1024 * 1024
"""Bytes that one piece of input may become: they wait in memory until the client takes them."""
MOST_RATIO = 200
"""Expansion that is suspicious once a body is large; pages and scripts stay below 100."""
SUSPICIOUS_FROM = 64 * 1024 * 1024
_SLICE = 256
"""Input handed to a decompressor that cannot bound its output: one slice stays below 8 MB."""


class CodingError(Exception):
    """A body that cannot be decoded."""


class UnknownCodingError(CodingError):
    """A content coding nobody offered to accept."""


class BrokenBodyError(CodingError):
    """Not what its coding says."""


class TruncatedBodyError(CodingError):
    """It ended in the middle."""


class BombError(CodingError):
    """It expands beyond all reason."""


def body_filter(
    stages: Sequence[StreamRewriter], codings: str = "", charset: str | None = None
) -> Callable[[bytes], Iterable[bytes]]:
    """What mitmproxy may call with each piece of a body, and with b"" at its end.

    Yields the stages' output as identity-coded bytes; nothing at all where there is none yet (an
    empty chunk would end the body). Raises CodingError from here for an unknown coding, and from
    the call for a body that breaks.
    """
    if stages and not is_ascii_compatible(charset):
        stages = [Transcoded(Pipe(stages), charset)]
    pipe = Pipe([*_decoders(codings), *stages])
    ended = False

    def stream(data: bytes) -> Iterable[bytes]:
        nonlocal ended
        if data:
            out = pipe.feed(data)
        elif ended:
            return []
        else:
            ended = True
            out = pipe.flush()
        return [out] if out else []

    return stream


class Pipe:
    """Stages as one stage."""

    def __init__(self, stages: Sequence[StreamRewriter]) -> None:
        self._stages = stages

    def feed(self, data: bytes) -> bytes:
        for stage in self._stages:
            if not data:
                break
            data = stage.feed(data)
        return data

    def flush(self) -> bytes:
        rest = b""
        for stage in self._stages:
            rest = (stage.feed(rest) if rest else b"") + stage.flush()
        return rest


def _decoders(codings: str) -> list[StreamRewriter]:
    """One for each coding, the last applied first."""
    names = [name.strip().lower() for name in codings.split(",")]
    found: list[StreamRewriter] = []
    for name in reversed([name for name in names if name not in ("", "identity")]):
        if name not in _BY_NAME:
            raise UnknownCodingError(name[:40])
        found.append(_Bounded(_BY_NAME[name]()))
    return found


class _Decoder(Protocol):
    def pieces(self, data: bytes) -> Iterable[bytes]: ...

    def is_complete(self) -> bool: ...


class _Bounded:
    """A decoder with bounds, and with an error for an end in the middle."""

    def __init__(self, decoder: _Decoder) -> None:
        self._decoder = decoder
        self._read = 0
        self._written = 0

    def feed(self, data: bytes) -> bytes:
        self._read += len(data)
        out: list[bytes] = []
        size = 0
        try:
            for piece in self._decoder.pieces(data):
                size += len(piece)
                out.append(piece)
                self._check(size)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BrokenBodyError from error
        self._written += size
        return b"".join(out)

    def flush(self) -> bytes:
        if self._read and not self._decoder.is_complete():
            raise TruncatedBodyError
        return b""

    def _check(self, size: int) -> None:
        written = self._written + size
        if size > MOST_PER_FEED or written > max(SUSPICIOUS_FROM, self._read * MOST_RATIO):
            raise BombError


class _Zlib:
    """gzip and zlib streams; several members in a row and padding behind them are one body."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inflate = zlib.decompressobj(wbits)

    def pieces(self, data: bytes) -> Iterable[bytes]:
        while data:
            if self._inflate.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._inflate = zlib.decompressobj(self._wbits)
            yield self._inflate.decompress(data, MOST_PER_FEED)
            data = self._inflate.unconsumed_tail or self._inflate.unused_data

    def is_complete(self) -> bool:
        return self._inflate.eof


class _Deflate:
    """Under this name half the world sends zlib streams and the other half raw ones."""

    def __init__(self) -> None:
        self._head = b""
        self._chosen: _Zlib | None = None

    def pieces(self, data: bytes) -> Iterable[bytes]:
        if self._chosen is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return ()
            is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._chosen = _Zlib(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        return self._chosen.pieces(data)

    def is_complete(self) -> bool:
        return self._chosen is not None and self._chosen.is_complete()


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def pieces(self, data: bytes) -> Iterable[bytes]:
        yield self._decompressor.process(data, output_buffer_limit=MOST_PER_FEED)
        while not self._decompressor.can_accept_more_data():
            yield self._decompressor.process(b"", output_buffer_limit=MOST_PER_FEED)

    def is_complete(self) -> bool:
        return bool(self._decompressor.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()

    def pieces(self, data: bytes) -> Iterable[bytes]:
        for start in range(0, len(data), _SLICE):
            rest = data[start : start + _SLICE]
            while rest:
                if self._frame.eof:
                    self._frame = zstandard.ZstdDecompressor().decompressobj()
                yield self._frame.decompress(rest)
                rest = self._frame.unused_data if self._frame.eof else b""

    def is_complete(self) -> bool:
        return bool(self._frame.eof)


_BY_NAME: dict[str, Callable[[], _Decoder]] = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
