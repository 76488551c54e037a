"""Every way to name an object that the route table knows: what an audit of isolation tries.

Pure: out of the table and some ids come attempts, each a request or the frames of a socket. Whoever
sends them as somebody to whom the ids do not belong must get one and the same answer each time.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote

from core.ids import KINDS
from core.mirror_config import HostRule, MirrorConfig
from core.routes import CHECKED, Do, Route

type Ids = Mapping[str, str]
"""An id for each kind."""

_BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SAFE = frozenset({"GET", "HEAD"})
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request that names an object in one place."""

    route: str
    """Host and path of the row."""
    method: str
    target: str
    """Path and query on the mirror."""
    where: str
    kind: str
    object_id: str
    body: bytes = b""
    content_type: str = ""
    is_checked: bool = True
    """The row looks at ids; else only what comes back can be judged."""
    is_odd: bool = False
    """Spelt so that two readers may understand it differently: may also be refused as such."""

    @property
    def changes(self) -> bool:
        """Whether it would do something to the object if it went through."""
        return self.method not in _SAFE


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketAttempt:
    """One frame on the chat socket; `event` names it."""

    route: str
    target: str
    where: str
    kind: str
    object_id: str
    frame: Mapping[str, object]

    @property
    def changes(self) -> bool:
        return self.where.startswith("response.cancel")


def attempts(config: MirrorConfig, ids: Ids, own: Ids) -> Iterator[Attempt]:
    """All of them for one set of ids. `own` fills the places beside the one that is tried."""
    names = cycle(sorted(config.ids.spelt))
    shapes = cycle(_SHAPES.items())
    for rule in config.hosts:
        for route in rule.routes.rows if rule.host.cookies else ():
            for method in _tried_methods(route):
                row = _Row(config, rule, route, method)
                yield from row.in_path(ids, own)
                if not route.shared:
                    yield from row.in_query(ids, own, [next(names), next(names)])
                if method in _BODIES and not route.shared and not route.upload:
                    yield from row.in_body(ids, own, next(names), next(shapes))


def every_spelling(config: MirrorConfig, ids: Ids, *, shapes: int = 7) -> Iterator[Attempt]:
    """Each name of the vocabulary in so many shapes of a body, and in the query: on one row."""
    rule = config.hosts[0]
    rows = [route for route in rule.routes.rows if route.do is Do.OWN and "POST" in route.methods]
    plain = [route for route in rows if "{" not in route.path and not route.upload]
    row = _Row(config, rule, plain[0], "POST")
    turns = cycle(_SHAPES.items())
    for name in config.ids.spelt:
        yield from row.in_query(ids, {}, [name])
        for shape in islice(turns, shapes):
            yield from row.in_body(ids, {}, name, shape)


def socket_attempts(config: MirrorConfig, ids: Ids, own: Ids) -> Iterator[SocketAttempt]:
    """Every field of a frame that a row's socket reads."""
    for rule in config.hosts:
        for route in rule.routes.rows if rule.host.cookies else ():
            if route.frames == "chat":
                for where, kind, frame in _frames(ids, own):
                    yield SocketAttempt(
                        route=f"{rule.host.name}{route.path}",
                        target=_mirror_path(config, rule, route.path),
                        where=where,
                        kind=kind,
                        object_id=ids[kind],
                        frame=frame,
                    )


def _frames(ids: Ids, own: Ids) -> Iterator[tuple[str, str, dict[str, object]]]:
    conversation, mine = ids["conversation"], own.get("conversation", "")

    def event(kind: str, named: str = "", **more: object) -> dict[str, object]:
        outer: dict[str, object] = {"session_id": named} if named else {}
        return {**outer, "event": {"type": kind, "event_id": "e1", **more}}

    def item(**x_grok: object) -> dict[str, object]:
        x_grok["input_chunks"] = [{"text": {"text": "?"}}]
        return {"type": "message", "role": "user", "x_grok": x_grok}

    for kind in ("session.create", "session.update", "response.create", "response.cancel"):
        yield f"{kind} session_id", "conversation", event(kind, conversation)
    for name in ("conversation_id", "conversationId", "CONVERSATION_ID"):
        session = {"model": "fast", "x_grok": {name: conversation, "needs_history": True}}
        yield f"session.create {name}", "conversation", event("session.create", session=session)
    workspaces = {"x_grok": {"workspace_ids": [ids["workspace"]]}}
    yield "session.create workspace_ids", "workspace", event("session.create", session=workspaces)
    said = "conversation.item.create"
    yield f"{said} session_id", "conversation", event(said, conversation, item=item())
    for name in ("parent_response_id", "parentResponseId"):
        frame = event(said, mine, item=item(**{name: ids["response"]}))
        yield f"{said} {name}", "response", frame
    for name in ("file_attachments", "image_attachments", "file_ids"):
        yield f"{said} {name}", "file", event(said, mine, item=item(**{name: [ids["file"]]}))


def _tried_methods(route: Route) -> tuple[str, ...]:
    """Rows that never reach the upstream tell nothing of anybody's."""
    if route.frames or route.do in (Do.ANSWER, Do.EMPTY, Do.REFUSE, Do.SIDECAR):
        return ()
    return route.methods


@dataclass(frozen=True, slots=True)
class _Row:
    """One row with one of its methods."""

    config: MirrorConfig
    rule: HostRule
    route: Route
    method: str

    def in_path(self, ids: Ids, own: Ids) -> Iterator[Attempt]:
        """Each segment that is an id, with the caller's own in the others; also percent-coded."""
        for kind in KINDS:
            if f"{{{kind}}}" in self.route.path:
                path = _filled(self.route.path, {**own, kind: ids[kind]}, ids)
                yield self._attempt(f"path {{{kind}}}", kind, ids, path)
                coded = "".join(f"%{byte:02x}" for byte in ids[kind][:2].encode())
                odd = path.replace(quote(ids[kind], safe=""), coded + ids[kind][2:])
                yield self._attempt(f"path {{{kind}}}, coded", kind, ids, odd, is_odd=True)

    def in_query(self, ids: Ids, own: Ids, names: list[str]) -> Iterator[Attempt]:
        path = _filled(self.route.path, own, ids)
        for name in names:
            kind = self._kind(name)
            text = f"{path}?{quote(name)}={quote(ids[kind], safe='')}"
            yield self._attempt(f"query {name}", kind, ids, text)

    def in_body(
        self, ids: Ids, own: Ids, name: str, shape: tuple[str, Callable[[str, str], bytes]]
    ) -> Iterator[Attempt]:
        kind, (called, build) = self._kind(name), shape
        path = _filled(self.route.path, own, ids)
        body = build(name, ids[kind])
        odd = called == "twice"
        yield self._attempt(f"body {name}, {called}", kind, ids, path, body, is_odd=odd)

    def _kind(self, name: str) -> str:
        return self.config.ids.also(self.route.ids).kind_of(name) or "conversation"

    def _attempt(
        self, where: str, kind: str, ids: Ids, path: str, body: bytes = b"", *, is_odd: bool = False
    ) -> Attempt:
        is_checked = self.route.do in CHECKED or where.startswith("path")
        return Attempt(
            route=f"{self.rule.host.name}{self.route.path}",
            method=self.method,
            target=_mirror_path(self.config, self.rule, path),
            where=where,
            kind=kind,
            object_id=ids[kind],
            body=body,
            content_type=JSON if body else "",
            is_checked=is_checked and not (self.route.shared and kind == "share"),
            is_odd=is_odd,
        )


def _filled(path: str, first: Ids, otherwise: Ids) -> str:
    parts = []
    for part in path.split("/"):
        kind = part.strip("{}")
        if part == "**":
            part = "content"
        elif part.startswith("{"):
            part = quote(first.get(kind) or otherwise.get(kind, "any"), safe="")
        parts.append(part)
    return "/".join(parts)


def _mirror_path(config: MirrorConfig, rule: HostRule, path: str) -> str:
    return path if rule is config.hosts[0] else f"/-/{rule.host.name}{path}"


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


_SHAPES: Mapping[str, Callable[[str, str], bytes]] = {
    "at the top": lambda name, id_: _dumped({name: id_}),
    "nested": lambda name, id_: _dumped({"a": {"b": {name: id_}}}),
    "in a list": lambda name, id_: _dumped({"items": [{}, {name: [id_]}]}),
    "in snake case": lambda name, id_: _dumped({_snake(name): id_}),
    "in capitals": lambda name, id_: _dumped({name.upper(): id_}),
    "escaped": lambda name, id_: (
        b'{"\\u%04x%b":"%b"}' % (ord(name[0]), name[1:].encode(), id_.encode())
    ),
    "twice": lambda name, id_: (
        b'{"%b":"%b","%b":""}' % (name.encode(), id_.encode(), name.encode())
    ),
}
