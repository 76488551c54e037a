"""Bodies are undone at every cut; what is damaged, cut off or a bomb is refused by name."""

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from addons.charsets import BINARY
from addons.coding_errors import (
    CodingError,
    CorruptBodyError,
    OversizedBodyError,
    TruncatedBodyError,
    UnknownCodingError,
)
from addons.codings import BodyFilter, body_filter
from core.rewriting import TextRewriter
from core.scrubbing import Scrubber
from tests.core.streams import cut, cuts
from tests.core.test_origins import LAPTOP


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def plain(data: bytes) -> bytes:
    return data


ZSTD = zstandard.ZstdCompressor()
PACK = {
    "identity": plain,
    "": plain,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "x-gzip": lambda data: gzip.compress(data, mtime=0),
    "GZip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": ZSTD.compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data, mtime=0)),
    "deflate,identity,zstd": lambda data: ZSTD.compress(zlib.compress(data)),
}
CODED = {name: pack for name, pack in PACK.items() if pack is not plain}
PAGE = b'<a href="https://cdn.grok.com/x">' * 5 + b"\xff\xfe\xc3 bytes that are no UTF-8"
MIRRORED = PAGE.replace(b"https://", b"http://127.0.0.1:8080/-/")


def filtered(body: BodyFilter, pieces: list[bytes]) -> bytes:
    sent = [out for piece in pieces if piece for out in body(piece)] + body(b"")
    assert b"" not in sent
    return b"".join(sent)


def rewriting(codings: str, charset: str | None = None) -> BodyFilter:
    return body_filter([Scrubber([b"a secret"]), TextRewriter(LAPTOP)], codings, charset)


@pytest.mark.parametrize(("coding", "pack"), PACK.items(), ids=PACK)
def test_undone_and_filtered_at_every_cut(coding, pack):
    packed = pack(PAGE)
    assert filtered(rewriting(coding), [packed]) == MIRRORED
    assert filtered(rewriting(coding), [bytes([byte]) for byte in packed]) == MIRRORED
    for place in range(len(packed)):
        assert filtered(rewriting(coding), cut(packed, place)) == MIRRORED


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("size", [65_535, 65_537, 300_000])
def test_large_bodies_come_out_whole(coding, size):
    for body in (b"a" * size, b"hello world %d " * (size // 15), bytes(range(256)) * (size // 256)):
        packed = PACK[coding](body)
        assert filtered(body_filter([], coding, None), [packed]) == body
        in_pieces = [packed[at : at + 7] for at in range(0, len(packed), 7)]
        assert filtered(body_filter([], coding, None), in_pieces) == body


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(PAGE[:40]) + gzip.compress(b"") + gzip.compress(PAGE[40:])),
        ("gzip", gzip.compress(PAGE) + bytes(20)),
        ("zstd", ZSTD.compress(PAGE[:40]) + ZSTD.compress(PAGE[40:])),
        ("deflate", raw_deflate(PAGE)),
    ],
    ids=["gzip members", "gzip padding", "zstd frames", "deflate without header"],
)
def test_odd_but_whole_at_every_cut(coding, packed):
    for place in range(len(packed)):
        assert filtered(rewriting(coding), cut(packed, place)) == MIRRORED


@pytest.mark.parametrize(("coding", "pack"), CODED.items(), ids=CODED)
def test_a_body_that_ends_in_the_middle_is_never_clean(coding, pack):
    packed = pack(PAGE)
    for size in range(1, len(packed)):
        with pytest.raises(TruncatedBodyError):
            filtered(rewriting(coding), [packed[:size]])


@pytest.mark.parametrize("coding", PACK)
def test_no_body_is_a_whole_one(coding):
    body = rewriting(coding)
    assert body(b"") == []
    assert body(b"") == []


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
def test_damaged_bodies(coding):
    with pytest.raises(CodingError):
        filtered(rewriting(coding), [b"this is not packed at all, whatever the header says"])


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd"])
def test_bytes_behind_the_end(coding):
    with pytest.raises(CodingError):
        filtered(rewriting(coding), [PACK[coding](PAGE) + b"<script>"])


@pytest.mark.parametrize("coding", ["compress", "gzip, rot13", "gzip;q=1", "br, br, br, br"])
def test_unknown_codings_are_refused_before_the_first_byte(coding):
    with pytest.raises(UnknownCodingError):
        rewriting(coding)


def zeros(coding: str, size: int) -> bytes:
    return CODED[coding](bytes(size))


@pytest.mark.slow
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_stopped_before_it_fills_the_memory(coding):
    bomb = zeros(coding, 100_000_000)
    tracemalloc.start()
    with pytest.raises(OversizedBodyError):
        filtered(body_filter([Counter()], coding, BINARY), [bomb])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000


@pytest.mark.slow
def test_a_bomb_within_a_bomb():
    bomb = gzip.compress(zeros("gzip", 200_000_000))
    with pytest.raises(OversizedBodyError):
        filtered(body_filter([Counter()], "gzip, gzip", BINARY), [bomb])


def test_the_largest_size_counts_for_any_ratio():
    with pytest.raises(OversizedBodyError):
        filtered(body_filter([], "gzip", None, largest=1_000), [gzip.compress(PAGE * 10)])
    assert filtered(body_filter([], "", None, largest=1_000), [PAGE * 10]) == PAGE * 10


class Counter:
    """A stage that keeps nothing."""

    def feed(self, data: bytes) -> bytes:
        return b""

    def flush(self) -> bytes:
        return b""


def test_data_behind_the_end_is_an_error_not_a_second_body():
    body = rewriting("")
    assert filtered(body, [b"x"]) == b"x"
    with pytest.raises(CorruptBodyError):
        body(b"y")


def test_a_token_comes_out_with_the_piece_that_brought_it():
    packer = zlib.compressobj(wbits=31)
    body = rewriting("gzip")
    for token in (b"one\n", b"two\n"):
        assert body(packer.compress(token) + packer.flush(zlib.Z_SYNC_FLUSH)) == [token]


def test_a_failing_stage_is_heard():
    class Failing(Counter):
        def feed(self, data: bytes) -> bytes:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        body_filter([Failing()], "", None)(b"x")


TEXT = 'é𝄞 "https://cdn.grok.com/x" \ud800 a secret é'
TEXT_MIRRORED = 'é𝄞 "http://127.0.0.1:8080/-/cdn.grok.com/x" \ud800 *** é'
WIDE = {
    "UTF-16 by label": ("utf-16", "utf-16-le", ""),
    "UTF-16 in the other order": ("UTF-16BE", "utf-16-be", ""),
    "UTF-16 by mark": (None, "utf-16-le", "\ufeff"),
    "UTF-16 by mark, against the label": ("utf-8", "utf-16-be", "\ufeff"),
    "UTF-32 by label": ("utf-32", "utf-32-le", ""),
    "UTF-32 by mark": ("iso-8859-1", "utf-32-be", "\ufeff"),
    "UTF-32 by mark, little end first": (None, "utf-32-le", "\ufeff"),
    "UTF-8 by mark": ("utf-16", "utf-8", "\ufeff"),
    "UTF-8": ("utf-8", "utf-8", ""),
    "a label nobody knows": ("x-mine", "utf-8", ""),
}


@pytest.mark.parametrize(("label", "codec", "mark"), WIDE.values(), ids=WIDE)
def test_charsets_at_every_cut(label, codec, mark):
    data = (mark + TEXT).encode(codec, "surrogatepass")
    expected = (mark + TEXT_MIRRORED).encode(codec, "surrogatepass")
    assert filtered(rewriting("", label), [bytes([byte]) for byte in data]) == expected
    for place in range(len(data)):
        assert filtered(rewriting("", label), cut(data, place)) == expected


def test_half_a_character_at_the_end():
    with pytest.raises(TruncatedBodyError):
        filtered(rewriting("", "utf-16"), [b"a\0b"])


def test_no_character_at_all():
    with pytest.raises(CorruptBodyError):
        filtered(rewriting("", "utf-32"), [b"\xff\xff\xff\xff" * 2])


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\xff", b"\xfe\xff\x01", b"\xef\xbb"])
def test_what_is_no_text_has_no_byte_order_mark(data):
    assert filtered(rewriting("", BINARY), [data]) == data


@pytest.mark.parametrize("data", [b"\xff", b"\xef\xbb", b"\0", b"\0\0\xfe"])
def test_half_a_mark_is_just_bytes(data):
    assert filtered(rewriting(""), [data]) == data


def test_big5_and_gbk_are_read_as_bytes():
    for charset in ("gbk", "big5", "shift_jis"):
        data = "中文 https://grok.com/ 日本".encode(charset, "replace")
        expected = data.replace(b"https://grok.com", b"http://127.0.0.1:8080")
        assert filtered(rewriting("", charset), [data]) == expected


@given(st.binary(max_size=300), st.sampled_from(sorted(CODED)), cuts())
def test_any_bytes_come_back(data, coding, places):
    body = body_filter([], coding, None)
    assert filtered(body, cut(CODED[coding](data), *places)) == data


@given(st.binary(max_size=80), st.sampled_from(sorted(PACK)), st.sampled_from([None, "utf-16"]))
def test_garbage_is_named_or_passed(data, coding, charset):
    with contextlib.suppress(CodingError):
        filtered(rewriting(coding, charset), [data])
