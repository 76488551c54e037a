"""Gives a file to Grok, on the account that will be asked about it; blocking.

As multipart, in pieces; where that way is closed, by the older one, which takes JSON and only
small files.
"""

import base64
import json
import secrets
from collections.abc import Iterator

from api_bridge.attachments import Attachment
from api_bridge.door import Door
from api_bridge.events import Failed, FailureKind
from api_bridge.grok_fields import fields_of, text_of
from api_bridge.json_objects import parse_object
from api_bridge.refused import RefusedError

_NEW, _OLD = "/http/upload-file-v2/direct", "/rest/app-chat/upload-file"
_SECONDS = 120.0
_LARGEST_ANSWER = 65_536
_LARGEST_FOR_THE_OLD = 5 * 2**20
_PIECE = 65_536
_DOOR_IS_CLOSED = {
    FailureKind.NOT_FOUND,
    FailureKind.INVALID,
    FailureKind.NO_ACCESS,
    FailureKind.ANTI_BOT,
    FailureKind.INTERNAL,
}


def upload(door: Door, file: Attachment) -> str:
    """The id under which Grok knows the file; RefusedError when it does not take it."""
    try:
        return _by_multipart(door, file)
    except RefusedError as refused:
        if refused.failed.kind not in _DOOR_IS_CLOSED or len(file.data) > _LARGEST_FOR_THE_OLD:
            raise
        return _by_json(door, file)


def _by_multipart(door: Door, file: Attachment) -> str:
    boundary = f"----mirror{secrets.token_hex(12)}"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
        f"Content-Type: {file.mime}\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "content-type": f"multipart/form-data; boundary={boundary}",
        "content-length": str(len(head) + len(file.data) + len(tail)),
    }
    return _uploaded(door, _NEW, _pieces(head, file.data, tail), headers)


def _by_json(door: Door, file: Attachment) -> str:
    body = {
        "fileName": file.name,
        "fileMimeType": file.mime,
        "content": base64.b64encode(file.data).decode(),
        "fileSource": "SELF_UPLOAD_FILE_SOURCE",
    }
    text = json.dumps(body, ensure_ascii=False).encode()
    return _uploaded(door, _OLD, text, {"content-type": "application/json"})


def _uploaded(door: Door, path: str, body: bytes | Iterator[bytes], headers: dict[str, str]) -> str:
    with door.call("POST", path, body=body, headers=headers, seconds=_SECONDS) as answer:
        said = parse_object(answer.read(_LARGEST_ANSWER).decode("utf-8", "replace")) or {}
    if message := text_of(fields_of(said, "terminalError"), "message"):
        raise _not_taken(f"Grok does not take the file: {message[:200]}")
    file = fields_of(said, "fileMetadata") or said
    file_id = text_of(file, "fileMetadataId", "fileId") or text_of(said, "uploadId")
    if not file_id:
        raise _not_taken("Grok gave the file no id")
    return file_id


def _not_taken(message: str) -> RefusedError:
    return RefusedError(Failed(FailureKind.BAD_ATTACHMENT, message))


def _pieces(head: bytes, data: bytes, tail: bytes) -> Iterator[bytes]:
    yield head
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
    yield tail
