"""How fast the body stages are, against a plain `re` alternation in the same run.

Run it by hand: `python -m benchmarks.rewriting`. Rounds are interleaved; quote the ratios.
"""

import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path

from core.html_edits import HtmlEdits
from core.origins import MirrorOrigin, Origins, UpstreamHost
from core.rewriting import JsonRewriter, StreamRewriter, TextRewriter
from core.scrubbing import Scrubber

ROUNDS = 7
SIZE = 5_000_000
PIECE = 16_384
HOSTS = (
    *("grok.com", "cdn.grok.com", "assets.grok.com", "livekit.grok.com", "accounts.x.ai"),
    *("imagine-public.x.ai", "imgen.x.ai", "vidgen.x.ai", "artifacts.grokusercontent.com"),
)
ORIGINS = Origins(
    MirrorOrigin("http", "127.0.0.1:8080"), tuple(UpstreamHost(name) for name in HOSTS)
)
_CLAIMS = b"eyJzZXNz" * 12
SECRETS = [b"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.%b%d.s1gnature" % (_CLAIMS, n) for n in (1, 2)]
TOKEN = (
    b'{"result":{"response":{"token":"It is ","isThinking":false,"isSoftStop":false,'
    b'"responseId":"%b"}}}\n'
)


class Alternation:
    """The baseline: one pattern for every spelling, without care for cuts."""

    _PATTERN = re.compile(
        rb"(?:(?:https?|wss?):(?://|\\/\\/|\\u002[Ff]\\u002[Ff])|https?%%3A%%2F%%2F)(?:%b)"
        % b"|".join(re.escape(name.encode()) for name in HOSTS)
    )

    def feed(self, data: bytes) -> bytes:
        return self._PATTERN.sub(b"http://127.0.0.1:8080", data)

    def flush(self) -> bytes:
        return b""


class Copy:
    """What any stage costs at least."""

    def feed(self, data: bytes) -> bytes:
        return b"".join((b"", data))

    def flush(self) -> bytes:
        return b""


def bodies() -> dict[str, list[bytes]]:
    """Each work as the pieces in which it arrives."""
    script = _minified_script()
    hit = b'"https://cdn.grok.com/_next/static/chunks/a.js",'
    sparse = b"".join(script[at : at + 50_000] + hit for at in range(0, len(script), 50_000))
    dense = (hit + b"x" * 20 + rb'"wss:\u002F\u002Fgrok.com\u002Fws",') * (SIZE // 10 // 100)
    token = TOKEN % (b"a" * (200 - len(TOKEN)))
    return {
        "5 MB JS, no hit": _pieces(script),
        "5 MB JS, a hit per 50 kB": _pieces(sparse),
        "dense, 2 hits per 100 B": _pieces(dense),
        "200 B tokens": [token] * 5_000,
    }


def _minified_script() -> bytes:
    """A real one: the web interface that comes with mitmproxy."""
    assets = Path(str(files("mitmproxy"))) / "tools" / "web" / "static"
    script = b"".join(path.read_bytes() for path in sorted(assets.glob("*.js")))
    return (script * (SIZE // len(script) + 1))[:SIZE]


def _pieces(data: bytes) -> list[bytes]:
    return [data[at : at + PIECE] for at in range(0, len(data), PIECE)]


def _seconds(make: Callable[[], StreamRewriter], pieces: Iterable[bytes]) -> float:
    stage = make()
    begin = time.process_time()
    for piece in pieces:
        stage.feed(piece)
    stage.flush()
    return time.process_time() - begin


def main() -> None:
    """Prints one line of MB/s for each work."""
    stages: dict[str, Callable[[], StreamRewriter]] = {
        "re": Alternation,
        "text": lambda: TextRewriter(ORIGINS),
        "json": lambda: JsonRewriter(ORIGINS),
        "html": lambda: HtmlEdits(b"<i></i>"),
        "scrub": lambda: Scrubber(SECRETS),
        "copy": Copy,
    }
    print_ = sys.stdout.write
    print_(f"{'MB/s':28}" + "".join(f"{name:>9}" for name in stages) + f"{'text/re':>9}\n")
    for work, pieces in bodies().items():
        size = sum(map(len, pieces)) / 1e6
        rounds = [{n: _seconds(make, pieces) for n, make in stages.items()} for _ in range(ROUNDS)]
        speed = {name: size / statistics.median(r[name] for r in rounds) for name in stages}
        numbers = "".join(f"{speed[name]:9.0f}" for name in stages)
        print_(f"{work:28}{numbers}{speed['text'] / speed['re']:8.1f}x\n")


if __name__ == "__main__":
    main()
