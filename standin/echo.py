"""Echo mode: give back what was received, everywhere and in every spelling, for leak tests.

A mirror in front must let none of it reach a visitor.
"""

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Echo:
    """The secrets and headers of one request."""

    sso: str
    cookie: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, request: web.Request) -> "Echo":
        headers = tuple((k, v) for k, v in request.headers.items() if k.lower() != "host")
        return cls(request.cookies.get("sso", ""), request.headers.get("Cookie", ""), headers)

    def spellings(self) -> dict[str, str]:
        """Plain, percent-encoded, base64 (of token and of the whole header), JSON-escaped."""
        return {
            "plain": self.sso,
            "cookie": self.cookie,
            "url": quote(f"sso={self.sso}; path=/", safe=""),
            "base64": base64.b64encode(self.sso.encode()).decode(),
            "base64_cookie": base64.b64encode(self.cookie.encode()).decode(),
            "json": json.dumps(json.dumps({"cookie": self.cookie})),
        }

    def text(self) -> str:
        return json.dumps(self.spellings() | {"headers": dict(self.headers)})


ECHO = web.RequestKey("echo", Echo)


def echo_body(echo: Echo, response: web.Response) -> None:
    """Add the echo to a finished body, by its kind."""
    body = response.body
    if response.status in {204, 206, 304} or not isinstance(body, bytes):
        return
    if response.content_type == "application/json":
        response.body = _in_json(echo, body)
    elif response.content_type == "text/html":
        response.body = body + _in_html(echo)
    elif "javascript" in response.content_type:
        response.body = body + f"\nwindow.__standin_echo={echo.text()};\n".encode()
    elif response.content_type.startswith("text/"):
        response.body = body + f"\n/* {echo.text()} */\n".encode()


def echo_headers(echo: Echo, response: web.StreamResponse) -> None:
    """Add the echo to headers, cookies and the redirect target, of streams and upgrades too."""
    for name, value in echo.headers:
        response.headers.add(f"x-echo-{name.lower()}", value)
    if echo.sso:
        response.headers["x-echo-sso"] = echo.sso
        for name in ("sso", "sso-rw", "echo_token"):
            response.headers.add(
                "Set-Cookie", f"{name}={echo.sso}; Domain=.grok.com; Path=/; Secure; HttpOnly"
            )
    location = response.headers.get("Location")
    if location and echo.sso:
        separator = "&" if "?" in location else "?"
        response.headers["Location"] = f"{location}{separator}q={echo.sso}"


def _in_json(echo: Echo, body: bytes) -> bytes:
    value = json.loads(body)
    if isinstance(value, dict):
        value["echo"] = echo.spellings() | {"headers": dict(echo.headers)}
    return json.dumps(value, ensure_ascii=False).encode()


def _in_html(echo: Echo) -> bytes:
    spelled = "".join(
        f'<p data-{kind.replace("_", "-")}="{quote(text)}">{text}</p>'
        for kind, text in echo.spellings().items()
    )
    return f"<!-- {echo.cookie} -->{spelled}".encode()
