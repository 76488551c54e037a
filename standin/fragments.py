"""A WebSocket message in two frames, cut inside a character: legal, and rarely tested.

Written by hand because aiohttp never fragments what it sends.
"""

import struct

from aiohttp import web

_TEXT, _CONTINUATION, _FIN = 0x01, 0x00, 0x80
_SHORT, _MEDIUM = 125, 0xFFFF


async def send_in_two_frames(request: web.Request, raw: bytes) -> None:
    """Send one text message as two frames."""
    if request.transport is None or request.transport.is_closing():
        raise ConnectionResetError("socket is closed")
    wide = next((i for i, byte in enumerate(raw) if byte & 0xC0 == 0x80), len(raw) // 2)
    first = _frame(_TEXT, raw[:wide])
    request.transport.write(first + _frame(_FIN | _CONTINUATION, raw[wide:]))


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size <= _SHORT:
        return bytes((head, size)) + payload
    if size <= _MEDIUM:
        return struct.pack(">BBH", head, 126, size) + payload
    return struct.pack(">BBQ", head, 127, size) + payload
