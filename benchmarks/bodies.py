"""The bodies that are fetched: a small answer, and scripts with a mapped URL now and then."""

import random


def _script(size: int, every: int) -> bytes:
    """Text of a minified script's look: words, punctuation, and a URL each `every` bytes."""
    dice = random.Random(size)  # noqa: S311 - the same body in every run
    words = ["function", "return", "this", "e", "t", "n", "=>", "{", "}", "(", ")", ";", "null"]
    urls = ['"https://cdn.grok.com/_next/static/a.js"', '"https://assets.grok.com/users"']
    parts: list[str] = []
    length = since = 0
    while length < size:
        part = dice.choice(words) + dice.choice(" ,.;:")
        if since > every:
            part, since = dice.choice(urls) + ",", 0
        parts.append(part)
        length += len(part)
        since += len(part)
    return "".join(parts).encode()[:size]


BODIES: dict[str, tuple[str, bytes]] = {
    "small": ("application/json", b'{"conversations":[],"nextPageToken":""}' * 4),
    "200kB": ("text/javascript", _script(200_000, 4_000)),
    "5MB": ("text/javascript", _script(5_000_000, 20_000)),
}
