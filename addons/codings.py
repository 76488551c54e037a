"""Bodies as plain bytes: content codings are undone piece by piece, within bounds.

Errors are never swallowed here (their tree is in addons.coding_errors): the caller breaks the
connection off, because a body that just ends would pass for a whole one.
"""

import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol

import brotli
import zstandard

from addons.charsets import Charset, Pipe, Stage
from addons.coding_errors import (
    CorruptBodyError,
    OversizedBodyError,
    TruncatedBodyError,
    UnknownCodingError,
)

PIECE = 65_536
"""What a decoder gives out at once."""
LARGEST = 512 * 1024 * 1024
HARMLESS = 16 * 1024 * 1024
"""Up to here any ratio is fine."""
STEEPEST = 200
"""Beyond that a body may unpack to so many times its size; scripts and pages stay under 30."""

_ZSTD_SLICE = 512  # zstd unpacks up to 32,768 times, and its objects know no output limit
_ZSTD_WINDOW = 8 * 1024 * 1024  # what RFC 9659 allows on the web


class Decoder(Protocol):
    """Undoes one coding; `feed` gives pieces, so that nothing large is ever in hand."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def flush(self) -> None:
        """Raises TruncatedBodyError when the coded body is not over."""


class ZlibDecoder:
    """gzip with any number of members, and deflate with or without the zlib header."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._member: zlib._Decompress | None = None
        self._members = 0
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        data, self._head = self._head + data, b""
        while data:
            if self._member is None:
                if self._members and not data.strip(b"\0"):
                    return  # padding behind the last member is common and harmless
                if len(data) < 2 and not self._gzip:
                    self._head = data
                    return
                self._member = self._new_member(data)
            data = yield from self._unpack(self._member, data)

    def flush(self) -> None:
        if self._member or self._head:
            raise TruncatedBodyError("the compressed body ends in the middle")

    def _new_member(self, data: bytes) -> "zlib._Decompress":
        if self._gzip:
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        if self._members:
            raise CorruptBodyError("there are bytes behind the end of the deflate body")
        with_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if with_header else -zlib.MAX_WBITS)

    def _unpack(self, member: "zlib._Decompress", data: bytes) -> Generator[bytes, None, bytes]:
        """Gives the pieces, and returns what is behind the end of the member."""
        while True:
            try:
                yield member.decompress(data, PIECE)
            except zlib.error as error:
                raise CorruptBodyError("the compressed body is damaged") from error
            data = member.unconsumed_tail
            if member.eof:
                self._member = None
                self._members += 1
                return member.unused_data
            if not data:
                return b""


class BrotliDecoder:
    """br; its stream is one."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        more = bool(data)
        while more:
            if self._stream.is_finished():
                raise CorruptBodyError("there are bytes behind the end of the br body")
            try:
                piece = self._stream.process(data, output_buffer_limit=PIECE)
            except brotli.error as error:
                raise CorruptBodyError("the br body is damaged") from error
            yield piece
            data = b""
            # It says that it takes more while it still has output to give.
            more = not self._stream.can_accept_more_data() or (
                bool(piece) and not self._stream.is_finished()
            )

    def flush(self) -> None:
        if self._begun and not self._stream.is_finished():
            raise TruncatedBodyError("the br body ends in the middle")


class ZstdDecoder:
    """zstd with any number of frames."""

    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_SLICE):
            part = data[at : at + _ZSTD_SLICE]
            while part:
                self._frame = self._frame or self._context.decompressobj()
                try:
                    yield self._frame.decompress(part)
                except zstandard.ZstdError as error:
                    raise CorruptBodyError("the zstd body is damaged") from error
                part = self._frame.unused_data if self._frame.eof else b""
                if self._frame.eof:
                    self._frame = None

    def flush(self) -> None:
        if self._frame:
            raise TruncatedBodyError("the zstd body ends in the middle")


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: ZlibDecoder(gzip=True),
    "x-gzip": lambda: ZlibDecoder(gzip=True),
    "deflate": lambda: ZlibDecoder(gzip=False),
    "br": BrotliDecoder,
    "zstd": ZstdDecoder,
}


class Unpacker:
    """All codings of a body, in the order they were applied, within the bounds."""

    def __init__(self, codings: str, *, largest: int = LARGEST) -> None:
        names = [name.strip().lower() for name in codings.split(",")]
        wanted = [name for name in names if name not in ("", "identity")]
        for name in wanted:
            if name not in _DECODERS:
                raise UnknownCodingError(f"content coding {name[:40]!r} is not known")
        if len(wanted) > 3:
            raise UnknownCodingError("more than three content codings")
        self._decoders = [_DECODERS[name]() for name in reversed(wanted)]
        self._largest = largest
        self._taken = 0
        self._given = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._taken += len(data)
        for piece in self._through(self._decoders, data):
            if self._decoders:
                self._check(len(piece))
            if piece:
                yield piece

    def flush(self) -> None:
        for decoder in self._decoders:
            decoder.flush()

    def _through(self, decoders: Sequence[Decoder], data: bytes) -> Iterator[bytes]:
        if not decoders:
            yield data
            return
        for piece in decoders[0].feed(data):
            yield from self._through(decoders[1:], piece)

    def _check(self, size: int) -> None:
        self._given += size
        if self._given > self._largest:
            raise OversizedBodyError("the body unpacks to too much")
        if self._given > HARMLESS and self._given > self._taken * STEEPEST:
            raise OversizedBodyError("the body unpacks to too many times its size")


class BodyFilter:
    """What mitmproxy calls with each piece of a body, and with `b""` at its end."""

    def __init__(self, unpacker: Unpacker, stage: Stage) -> None:
        self._unpacker = unpacker
        self._stage = stage
        self._over = False

    def __call__(self, data: bytes) -> list[bytes]:
        """The pieces to send; never an empty one, which would end the answer on the wire."""
        if not data:
            return self._end()
        if self._over:
            raise CorruptBodyError("the body goes on behind its end")
        pieces = [self._stage.feed(piece) for piece in self._unpacker.feed(data)]
        return [piece for piece in pieces if piece]

    def _end(self) -> list[bytes]:
        if self._over:
            return []
        self._unpacker.flush()
        rest = self._stage.flush()
        self._over = True
        return [rest] if rest else []


def body_filter(
    stages: Sequence[Stage], codings: str, charset: str | None, *, largest: int = LARGEST
) -> BodyFilter:
    """The decoded body through all stages; UnknownCodingError when it cannot be decoded.

    `codings` is the Content-Encoding value, `charset` the label or None; charsets.BINARY says
    that the body is no text.
    """
    pipe = Pipe(stages)
    stage = Charset(pipe, charset) if stages else pipe
    return BodyFilter(Unpacker(codings, largest=largest), stage)
