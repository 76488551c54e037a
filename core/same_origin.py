"""Whether an unsafe request comes from our own page, and whether a `next` path stays with us.

`Origin` decides; `Sec-Fetch-Site` stands in where a browser leaves it out. A request with neither
is refused: every browser sends one of them with a form.
"""

import re

_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def is_own_request(own_origin: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a POST was sent by a page of `own_origin`."""
    if origin is not None:
        return origin.casefold() == own_origin.casefold() and fetch_site in (None, "same-origin")
    return fetch_site in ("same-origin", "none")


def local_path(wanted: str | None, default: str) -> str:
    """`wanted` if it is a plain path of this origin, which `//evil` and `https:` are not."""
    if wanted and len(wanted) <= 2048 and _LOCAL_PATH.fullmatch(wanted):
        return wanted
    return default
