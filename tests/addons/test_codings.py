"""Every coding at every cut; what is broken, cut short or a bomb is an error and never raw."""

import gzip
import random
import zlib

import brotli
import pytest
import zstandard

from addons.codings import (
    BombError,
    BrokenBodyError,
    CodingError,
    TruncatedBodyError,
    UnknownCodingError,
    body_filter,
)

TEXT = ("<p>Grüße 👋 https://grok.com/</p>" * 40).encode()


def raw_deflate(data):
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


ENCODE = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate (raw)": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": lambda data: data,
    "": lambda data: data,
}


class Upper:
    """A stage one can see."""

    def feed(self, data):
        return data.upper()

    def flush(self):
        return b"!"


def run(stream, data, cuts=()):
    edges = [0, *sorted(cuts), len(data)]
    out = []
    for start, end in zip(edges, edges[1:], strict=False):
        if start < end:
            out += stream(data[start:end])
    out += stream(b"")
    assert b"" not in out, "an empty chunk ends the body"
    return b"".join(out)


@pytest.mark.parametrize("name", ENCODE)
def test_a_body_is_decoded_whatever_the_cuts(name):
    body, coding = ENCODE[name](TEXT), name.partition(" ")[0]
    for at in range(0, len(body), 3):
        assert run(body_filter([Upper()], coding, "utf-8"), body, [at]) == TEXT.upper() + b"!"
    cuts = random.Random(1).sample(range(len(body)), min(40, len(body) // 2))  # noqa: S311
    assert run(body_filter([Upper()], coding, "utf-8"), body, cuts) == TEXT.upper() + b"!"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_flushed_token_does_not_wait_for_the_next(name):
    stream = body_filter([], name, "utf-8")
    if name == "br":
        compressor = brotli.Compressor()
        first = compressor.process(b"token") + compressor.flush()
    elif name == "zstd":
        compressor = zstandard.ZstdCompressor().compressobj()
        first = compressor.compress(b"token") + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    else:
        compressor = zlib.compressobj(wbits=31 if name == "gzip" else 15)
        first = compressor.compress(b"token") + compressor.flush(zlib.Z_SYNC_FLUSH)
    assert b"".join(stream(first)) == b"token"


def test_codings_are_taken_off_in_turn():
    body = brotli.compress(gzip.compress(TEXT))
    assert run(body_filter([], "gzip, br"), body) == TEXT


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_several_members_are_one_body(name):
    body = ENCODE[name](TEXT) + ENCODE[name](TEXT)
    for at in range(0, len(body), 5):
        assert run(body_filter([], name), body, [at]) == TEXT * 2


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate (raw)", "br", "zstd"])
def test_a_body_that_ends_in_the_middle_is_an_error(name):
    body = ENCODE[name](TEXT)
    with pytest.raises(TruncatedBodyError):
        run(body_filter([], name.partition(" ")[0]), body[:-3])


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_what_is_not_so_encoded_is_an_error(name):
    with pytest.raises(BrokenBodyError):
        run(body_filter([], name), b"\xff\xfenothing of the kind, in no way" * 9)


def test_an_empty_body_is_an_empty_body():
    assert run(body_filter([], "gzip"), b"") == b""


def test_an_unknown_coding_is_refused_before_the_first_byte():
    with pytest.raises(UnknownCodingError):
        body_filter([], "gzip, dcb")


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_an_error_and_not_a_gigabyte(name):
    body = ENCODE[name](bytes(80_000_000))
    with pytest.raises(CodingError) as caught:
        run(body_filter([], name), body, range(0, len(body), 65_536))
    assert isinstance(caught.value, BombError)


def test_the_end_may_be_told_twice():
    stream = body_filter([Upper()], "", "utf-8")
    assert list(stream(b"")) == [b"!"]
    assert list(stream(b"")) == []


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32be"])
@pytest.mark.parametrize("labelled", [True, False])
def test_wide_charsets_are_worked_on_as_text(charset, labelled):
    codec = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(charset, charset)
    body = "\ufeffgrüße 👋".encode(codec)
    for at in range(len(body)):
        stream = body_filter([Upper()], "", charset if labelled else None)
        assert run(stream, body, [at]).decode(codec) == "\ufeffGRüßE 👋!"


@pytest.mark.parametrize("charset", [None, "utf-8", "gbk", "shift_jis", "latin-1"])
def test_other_charsets_pass_as_bytes(charset):
    body = "中文 text".encode("gbk")
    assert run(body_filter([Upper()], "", charset), body) == body.upper() + b"!"
