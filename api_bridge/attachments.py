"""What travels beside the prompt: images and files of the messages, and prompts that are too long.

Pure but for addresses, which `fetch` turns into bytes. Images are believed by their first bytes,
not by what they are called.
"""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from api_bridge.events import Failed, FailureKind
from api_bridge.messages import FilePart, ImagePart
from api_bridge.refused import RefusedError

LARGEST_IMAGE = 20 * 2**20
LARGEST_FILE = 30 * 2**20
LONGEST_PROMPT = 100_000
"""Characters; more go as a file, which Grok's own page does with long pastes."""
_TAIL = 2_000
_PROMPT_FILE = "prompt.txt"
_POINTER = (
    "The whole message is in the attached file prompt.txt; read all of it and answer it. "
    "It ends with:\n\n"
)
_TYPES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
)

_ENDINGS = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/html": ".html",
}
"""For files without a name: Grok goes by it."""

type Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file to upload."""

    name: str
    mime: str
    data: bytes = field(repr=False)


def unusable_image(reason: str) -> RefusedError:
    """An image that nobody need ask Grok about; the turn ends with it."""
    return RefusedError(Failed(FailureKind.UNUSABLE_IMAGE, reason))


def attachments_of(parts: Iterable[ImagePart | FilePart], fetch: Fetch) -> list[Attachment]:
    """All of them, in order; RefusedError for what is no image or no file."""
    return [_attachment(part, number, fetch) for number, part in enumerate(parts, start=1)]


def fitting(prompt: str) -> tuple[str, list[Attachment]]:
    """The prompt as a message; where it is too long, its end, and all of it as a file."""
    if len(prompt) <= LONGEST_PROMPT:
        return prompt, []
    data = prompt.encode("utf-8", "replace")
    return _POINTER + prompt[-_TAIL:], [Attachment(_PROMPT_FILE, "text/plain", data)]


def image_type(data: bytes) -> tuple[str, str] | None:
    """Media type and usual ending, by the first bytes; None when it is no image Grok takes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", "webp"
    found = ((mime, ending) for magic, mime, ending in _TYPES if data.startswith(magic))
    return next(found, None)


def _attachment(part: ImagePart | FilePart, number: int, fetch: Fetch) -> Attachment:
    """The text of a ValueError is why a part cannot be one."""
    try:
        return _image(part, number, fetch) if isinstance(part, ImagePart) else _file(part)
    except ValueError as error:
        reason = f"{error} (attachment {number})" if number > 1 else str(error)
        if isinstance(part, ImagePart):
            raise unusable_image(reason) from None
        raise RefusedError(Failed(FailureKind.UNUSABLE_FILE, reason)) from None


def _image(part: ImagePart, number: int, fetch: Fetch) -> Attachment:
    is_inline = part.url[:5].lower() == "data:"
    data = _data_url(part.url)[1] if is_inline else fetch(part.url)
    if len(data) > LARGEST_IMAGE:
        raise ValueError("it is larger than 20 MB")
    if (kind := image_type(data)) is None:
        raise ValueError("it is none of PNG, JPEG, GIF and WebP")
    mime, ending = kind
    return Attachment(f"image-{number}.{ending}", mime, data)


def _file(part: FilePart) -> Attachment:
    if not part.data_url:
        raise ValueError("none of this id was uploaded here, send its content as file_data")
    mime, data = _data_url(part.data_url)
    if len(data) > LARGEST_FILE:
        raise ValueError("it is larger than 30 MB")
    name = "".join(c for c in part.name if c.isprintable() and c not in '"\\/')[:120]
    return Attachment(name or f"file{_ENDINGS.get(mime, '')}", mime, data)


def _data_url(url: str) -> tuple[str, bytes]:
    """Media type and content; bare base64 counts as a file of unknown type."""
    head, comma, content = url.partition(",")
    if not comma:
        return "application/octet-stream", _decoded(url)
    words = head[5:].split(";")
    mime = words[0].strip().lower() or "text/plain"
    if words[-1].strip().lower() == "base64":
        return mime, _decoded(content)
    return mime, unquote_to_bytes(content)


def _decoded(text: str) -> bytes:
    try:
        plain = "".join(text.split()).rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raise ValueError("its content is not base64") from None
