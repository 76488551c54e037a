"""A small typed client of the control API, for tests; blocking, standard library only."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any, Self, cast
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """One account of the stand-in, as a test needs it."""

    name: str
    sso: str
    user_id: str
    email: str
    tier: str
    refusal: str = ""

    @property
    def cookie(self) -> str:
        """The Cookie header a client of Grok would send."""
        return f"sso={self.sso}; sso-rw={self.sso}; x-userid={self.user_id}"


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as it reached the stand-in."""

    number: int
    time: float
    method: str
    host: str
    sni: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    peer: tuple[str, int]
    account: str
    statsig: str
    """absent, wrong or right (the page's toy signature for this method and path)."""
    status: int
    body_bytes: int

    @classmethod
    def parse(cls, value: dict[str, Any]) -> Self:
        headers = tuple((name, text) for name, text in value["headers"])
        return cls(**{**value, "headers": headers, "peer": tuple(value["peer"])})

    def header(self, name: str) -> str | None:
        """First value of a header; its name in any case."""
        wanted = name.lower()
        return next((text for key, text in self.headers if key.lower() == wanted), None)

    @property
    def cookies(self) -> dict[str, str]:
        return {k: morsel.value for k, morsel in SimpleCookie(self.header("cookie") or "").items()}


@dataclass(frozen=True, slots=True)
class SeenStream:
    """One answer stream; `ended` is open, done, cut or client gone."""

    number: int
    kind: str
    path: str
    account: str
    started: float
    sent: int
    ended: str


@dataclass(frozen=True, slots=True)
class Control:
    """Every method is one request to the control port; wrong names raise ValueError."""

    host: str
    port: int

    def requests(self, host: str = "", path: str = "") -> list[SeenRequest]:
        """What arrived, oldest first; optionally one host and paths with this beginning."""
        values = self._call("GET", "/requests")["requests"]
        seen = [SeenRequest.parse(value) for value in values]
        return [r for r in seen if (not host or r.host == host) and r.path.startswith(path)]

    def forget_requests(self) -> None:
        """Empty the log and nothing else."""
        self._call("DELETE", "/requests")

    def reset(self) -> None:
        """Back to the state of the start: log, conversations, files, accounts, switches."""
        self._call("POST", "/reset")

    def switch(self, **changes: object) -> dict[str, Any]:
        """Turn switches (fields of `standin.switches.Switches`); returns all of them."""
        return self._call("POST", "/switch", changes)

    def accounts(self) -> dict[str, SeenAccount]:
        """All accounts by name, with what each refuses now."""
        values = self._call("GET", "/accounts")["accounts"]
        return {value["name"]: SeenAccount(**value) for value in values}

    def add_account(self, name: str, tier: str = "super") -> SeenAccount:
        """A new account (or the old one made new); its token depends on seed and name only."""
        return SeenAccount(**self._call("POST", "/accounts", {"name": name, "tier": tier}))

    def revoke(self, name: str) -> None:
        """Its session is dead: 401 with bad-credentials."""
        self._call("POST", "/revoke", {"name": name})

    def block(self, name: str) -> None:
        """403 code 7 blocked-user."""
        self._call("POST", "/block", {"name": name})

    def restore(self, name: str) -> None:
        """Undo revoke, block or refuse."""
        self._call("POST", "/restore", {"name": name})

    def refuse(self, name: str, refusal: str) -> None:
        """Fail all gated requests: expired, blocked, antibot, cf, 429, 5xx, noaccess, ""."""
        self._call("POST", "/refuse", {"name": name, "refusal": refusal})

    def set_quota(self, name: str, mode: str, left: int) -> None:
        """Questions the account has left in this mode; the window starts now."""
        self._call("POST", "/quota", {"name": name, "mode": mode, "left": left})

    def conversations(self, name: str) -> list[dict[str, Any]]:
        """What the account has said, in REST shapes; temporary and deleted ones too."""
        path = "/conversations?" + urlencode({"name": name})
        return cast("list[dict[str, Any]]", self._call("GET", path)["conversations"])

    def plant(self, account: str, kind: str, /, **values: object) -> dict[str, Any]:
        """Put a thing on the account, as if it had been there before; returns its JSON.

        Kinds and values are those of `standin.planting`: conversation (title, messages, starred,
        temporary, workspace_ids, hours_ago), file (file_name, mime_type, text or base64 content,
        conversation_id), image (conversation_id), share_link (conversation_id), notification
        (conversation_id, text), artifact (conversation_id, title, content), task_result (task_id,
        text), memory (content), settings; and with the fields of their JSON: workspace, task,
        post, system_prompt, skill.
        """
        return self.plant_many(account, kind, 1, **values)[0]

    def plant_many(
        self, account: str, kind: str, count: int, /, **values: object
    ) -> list[dict[str, Any]]:
        """Several at once; a given title or name is numbered from 1."""
        body = {"name": account, "kind": kind, "count": count, "values": values}
        planted = self._call("POST", "/plant", body)["planted"]
        return cast("list[dict[str, Any]]", planted)

    def held(self, name: str) -> dict[str, list[str]]:
        """Ids of everything on the account, by kind (those of `plant`, settings left out)."""
        return cast("dict[str, list[str]]", self._call("GET", "/held?" + urlencode({"name": name})))

    def tell(
        self, name: str, *events: dict[str, Any], session_id: str = "", socket: str = "mgw"
    ) -> None:
        """Send events to all open sockets of the account; `socket` is mgw or imagine."""
        body = {"name": name, "events": events, "session_id": session_id, "socket": socket}
        self._call("POST", "/tell", body)

    def request_counts(
        self, account: str | None = None, host: str = "grok.com"
    ) -> dict[tuple[str, str], int]:
        """(method, path) → how often it was asked, by one account ("" = none) or by all."""
        counts: dict[tuple[str, str], int] = {}
        for row in self._call("GET", "/requests/counts")["counts"]:
            if row["host"] == host and account in {None, row["account"]}:
                key = (row["method"], row["path"])
                counts[key] = counts.get(key, 0) + row["count"]
        return counts

    def open_streams(self, kind: str = "") -> list[SeenStream]:
        """Answers being sent now; kind is mgw, ndjson, imagine, livekit or audio."""
        return self._streams("open", kind)

    def ended_streams(self, kind: str = "") -> list[SeenStream]:
        """The last 200 that ended, oldest first."""
        return self._streams("ended", kind)

    def wait_for_stream_end(self, timeout: float = 5, kind: str = "") -> bool:
        """Block until no stream is open; False when the time is up. No polling."""
        return bool(
            self._call("POST", "/streams/wait", {"kind": kind, "timeout": timeout}, timeout + 5)[
                "quiet"
            ]
        )

    def _streams(self, state: str, kind: str) -> list[SeenStream]:
        streams = [SeenStream(**value) for value in self._call("GET", "/streams")[state]]
        return [stream for stream in streams if not kind or stream.kind == kind]

    def _call(
        self, method: str, path: str, body: object = None, timeout: float = 10
    ) -> dict[str, Any]:
        connection = HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            payload = json.dumps(body or {}).encode()
            connection.request(method, path, payload, {"Content-Type": "application/json"})
            response = connection.getresponse()
            value = cast("dict[str, Any]", json.loads(response.read()))
        finally:
            connection.close()
        if response.status >= 400:
            raise ValueError(value.get("error", f"HTTP {response.status}"))
        return value
