"""The views of the images interface: draws by asking Grok in words, as in a chat."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from api_bridge import http_answer, sse
from api_bridge.answer_head import PATIENCE, Chunk
from api_bridge.asking import Asking, asking
from api_bridge.drawing import Studio, entries
from api_bridge.errors import BridgeError, api_error
from api_bridge.image_request import ImageRequest, fields_of
from api_bridge.incoming import body_of_request, caller_of_request, origin_of_request
from api_bridge.models import ModelTable
from api_bridge.own_token import about_own_token
from api_bridge.ports import Caller, CallerBook, GrokPort, ImageLinks


class ImageApi:
    """Generations and edits."""

    def __init__(
        self,
        grok: GrokPort,
        callers: CallerBook,
        images: ImageLinks,
        models: ModelTable,
        now: Callable[[], float],
    ) -> None:
        self._grok, self._callers, self._images = grok, callers, images
        self._models, self._now = models, now

    def add_routes(self, routes: Blueprint) -> None:
        for path, edits in (("/images/generations", False), ("/images/edits", True)):
            view = partial(self.draw, edits=edits)
            routes.add_url_rule(path, endpoint=path, view_func=view, methods=["POST"])

    def draw(self, *, edits: bool) -> Response:
        caller = caller_of_request(self._callers)
        is_form = request.mimetype == "multipart/form-data"
        body = fields_of(request.form, request.files) if is_form else body_of_request()
        asked = ImageRequest.parse(body, self._models, edits=edits)
        with ExitStack() as held:
            ask = asking(held, self._grok, self._callers, asked.chat, caller)
            found = about_own_token(entries(asked, self._studio(ask, caller)), caller)
            if asked.stream:
                kind = "image_edit" if edits else "image_generation"
                return http_answer.streamed(self._events(found, kind), _stream, held)
            return http_answer.whole(found, self._folded)

    def _studio(self, ask: Asking, caller: Caller) -> Studio:
        origin = origin_of_request()
        return Studio(
            ask=ask,
            count_again=lambda: self._callers.again(caller),
            url_of=lambda image: self._images.url_of(image, origin),
            content_of=lambda image: self._images.content_of(image, caller),
        )

    def _folded(self, found: Iterable[Chunk]) -> Chunk:
        return {"created": int(self._now()), "data": [one for one in found if one]}

    def _events(self, found: Iterable[Chunk], kind: str) -> Iterator[Chunk]:
        """Each image as an event, as soon as it is drawn."""
        for one in found:
            fields = {"type": f"{kind}.completed", "created_at": int(self._now())}
            yield {**fields, **one} if one else PATIENCE


def _stream(events: Iterable[Chunk]) -> Iterator[bytes]:
    return sse.named(events, _failure)


def _failure(error: BridgeError, _said: Mapping[str, Any]) -> Iterator[Chunk]:
    yield {"type": "error", **api_error(error).body()}
