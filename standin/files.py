"""Uploaded and generated files of the accounts, kept on disk so that size costs no memory.

Decides keys and media types; access control is the assets host's business.
"""

import hashlib
import shutil
import struct
import uuid
import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from standin.conversations import timestamp

_IMAGE_HEADS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"<svg")


@dataclass(slots=True)
class StoredFile:
    """One file of an account; `key` is its path on the assets host."""

    file_id: str
    user_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    created: float
    path: Path
    generated_key: str = ""
    conversation_id: str = ""
    """Where it was used first."""

    @property
    def generated(self) -> bool:
        return bool(self.generated_key)

    @property
    def key(self) -> str:
        return self.generated_key or f"users/{self.user_id}/{self.file_id}/content"

    def as_metadata(self) -> dict[str, Any]:
        return {
            "fileMetadataId": self.file_id,
            "fileMimeType": self.media_type,
            "fileName": self.name,
            "fileUri": self.key,
            "parsedFileUri": "",
            "createTime": timestamp(self.created),
            "fileSource": "SELF_UPLOAD_FILE_SOURCE",
        }

    def as_asset(self) -> dict[str, Any]:
        return {
            "assetId": self.file_id,
            "mimeType": self.media_type,
            "name": self.name,
            "sizeBytes": str(self.size),
            "createTime": timestamp(self.created),
            "lastUseTime": timestamp(self.created),
            "key": self.key,
            "isModelGenerated": self.generated,
            "sourceConversationId": self.conversation_id,
            "sha256": self.sha256,
        }


class FileShelf:
    """Files by id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_id: dict[str, StoredFile] = {}
        self.clear()

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._by_id.clear()

    async def store(
        self,
        user_id: str,
        name: str,
        media_type: str,
        pieces: AsyncIterable[bytes],
        now: float,
    ) -> StoredFile:
        """Write the pieces as they come; ValueError when an image is none."""
        file_id = str(uuid.uuid4())
        path = self._folder / file_id
        digest, size, head = hashlib.sha256(), 0, b""
        with path.open("wb") as out:
            async for piece in pieces:
                head = head or piece[:16]
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        if media_type.startswith("image/") and not head.startswith(_IMAGE_HEADS):
            path.unlink()
            raise ValueError("Cannot open given image")
        stored = StoredFile(file_id, user_id, name, media_type, size, digest.hexdigest(), now, path)
        self._by_id[file_id] = stored
        return stored

    def note_generated(
        self, user_id: str, key: str, now: float, conversation_id: str = ""
    ) -> StoredFile:
        """A picture that Grok made; the media hosts draw it from its key, nothing is written."""
        file_id, body = key.split("/")[-2], png(f"/{key}")
        digest, path = hashlib.sha256(body).hexdigest(), self._folder / file_id
        name, size = f"{file_id}.jpg", len(body)
        stored = StoredFile(
            file_id, user_id, name, "image/jpeg", size, digest, now, path, key, conversation_id
        )
        self._by_id[file_id] = stored
        return stored

    def get(self, file_id: str, user_id: str) -> StoredFile | None:
        found = self._by_id.get(file_id)
        return found if found and found.user_id == user_id else None

    def of(self, user_id: str) -> list[StoredFile]:
        return [item for item in reversed(self._by_id.values()) if item.user_id == user_id]

    def remove(self, file_id: str, user_id: str) -> bool:
        found = self.get(file_id, user_id)
        if found is None:
            return False
        del self._by_id[file_id]
        found.path.unlink(missing_ok=True)
        return True


@lru_cache(maxsize=256)
def png(seed: str, size: int = 96) -> bytes:
    """A real PNG: grey rings whose spacing depends on the seed."""
    step = 5 + zlib.crc32(seed.encode()) % 11
    middle = size / 2
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        rows += bytes(
            _shade(((x - middle) ** 2 + (y - middle) ** 2) ** 0.5, step) for x in range(size)
        )
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in chunks)


@lru_cache(maxsize=16)
def mp4(seed: str, size: int = 65_536) -> bytes:
    """A blob with the box structure of an MP4; long enough for ranges, not playable."""
    head = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp41")
    body = hashlib.shake_128(seed.encode()).digest(size - len(head) - 8)
    return head + struct.pack(">I4s", len(body) + 8, b"mdat") + body


def _shade(distance: float, step: int) -> int:
    return 235 if int(distance) % (2 * step) < step else 40


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
