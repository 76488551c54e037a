"""What a request to the API brings: its caller's key, its body, the address it came to."""

import json
import math
from typing import NoReturn

from flask import request

from api_bridge.call_log import current_call
from api_bridge.door import caller_name
from api_bridge.errors import BadRequestError, NotAllowedError
from api_bridge.ports import Caller, CallerBook


def caller_of_request(callers: CallerBook) -> Caller:
    """Whoever the key belongs to; NotAllowedError where it belongs to nobody."""
    key = _key()
    if not key:
        raise NotAllowedError("No API key: send it as 'Authorization: Bearer …'.")
    if caller := callers.caller_of(key, _address()):
        current_call().caller = caller_name(caller)
        return caller
    raise NotAllowedError("The API key is not valid here.")


def body_of_request() -> object:
    """The JSON that was sent; BadRequestError for all else."""
    encoding = request.headers.get("Content-Encoding", "").strip()
    if encoding.lower() not in ("", "identity"):
        message = f"Bodies in the encoding '{encoding[:40]}' are not read here: send plain JSON."
        raise BadRequestError(message, code="unsupported_encoding", status=415)
    try:
        return json.loads(
            request.get_data(cache=False), parse_constant=_no_json, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise BadRequestError("The body is not valid JSON.", code="invalid_json") from error


def origin_of_request() -> str:
    """Where the mirror is for whoever asks."""
    return request.headers.get("x-mirror-origin") or request.host_url.rstrip("/")


def _no_json(name: str) -> NoReturn:
    """Python reads and writes these; others cannot read what would repeat them."""
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_json(text)


def _address() -> str:
    """Where the caller is, as the proxy says."""
    return request.headers.get("x-mirror-peer") or request.remote_addr or ""


def _key() -> str:
    """The caller's key, from whichever header its client uses."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key") or request.headers.get("api-key") or ""
