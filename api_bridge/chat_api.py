"""The views of the chat API: read a request, let the pure parts translate, write the answer."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, Response, request

from api_bridge import http_answer, openapi
from api_bridge import models as model_names
from api_bridge.answer import answer, prompt_tokens
from api_bridge.answer_head import Head, ReasoningStyle
from api_bridge.asking import Asking, asking
from api_bridge.chat_request import ChatRequest
from api_bridge.deltas import Delta
from api_bridge.dialect import ANTHROPIC, CHAT, RESPONSES, Dialect
from api_bridge.incoming import body_of_request, caller_of_request, origin_of_request
from api_bridge.models import ModelTable
from api_bridge.own_token import about_own_token
from api_bridge.ports import CallerBook, GrokPort, ImageLinks, Offer
from api_bridge.remembered import Remembered
from api_bridge.rendering import Look
from api_bridge.transport_rules import json_response
from api_bridge.usage import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """How the operator wants the API."""

    prefix: str = ""
    temporary: bool = True
    reasoning: ReasoningStyle = ReasoningStyle.FIELD
    footnotes: bool = True
    cors_origins: tuple[str, ...] = ("*",)
    models: ModelTable = field(default_factory=ModelTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborators:
    """Whom the app talks to, and where its accidents come from."""

    grok: GrokPort
    callers: CallerBook
    images: ImageLinks
    offer: Offer
    now: Callable[[], float] = time.time
    new_id: Callable[[], str] = lambda: secrets.token_hex(12)


class ChatApi:
    """The views."""

    def __init__(self, others: Collaborators, options: ApiOptions) -> None:
        self._others, self._options = others, options
        self._remembered = Remembered()

    def routes(self, name: str) -> Blueprint:
        routes = Blueprint(name, __name__)
        routes.add_url_rule("/", view_func=self.health)
        routes.add_url_rule("/health", view_func=self.health)
        routes.add_url_rule("/openapi.json", view_func=self.openapi)
        routes.add_url_rule("/models", view_func=self.models)
        routes.add_url_rule("/models/<path:name>", view_func=self.model)
        for path, view in (
            ("/chat/completions", partial(self.answered, CHAT)),
            ("/responses", partial(self.answered, RESPONSES)),
            ("/messages", partial(self.answered, ANTHROPIC)),
            ("/messages/count_tokens", self.counted),
        ):
            routes.add_url_rule(path, endpoint=path, view_func=view, methods=["POST"])
        return routes

    def health(self) -> Response:
        return json_response({"status": "ok"})

    def openapi(self) -> Response:
        return json_response(openapi.document(request.path.rstrip("/").rpartition("/")[0] or "/"))

    def models(self) -> Response:
        caller = caller_of_request(self._others.callers)
        table, is_on_offer = self._options.models, self._others.offer.of(caller)
        known = {name: table.resolve(name) for name in table.names()}
        names = [n for n, m in known.items() if is_on_offer(m) and caller.may_use(n, m.mode)]
        is_anthropic = "anthropic-version" in request.headers
        shape = model_names.anthropic_list if is_anthropic else model_names.openai_list
        return json_response(shape(names))

    def model(self, name: str) -> Response:
        caller, name = caller_of_request(self._others.callers), name.rstrip("/")
        caller.must_be_allowed(name, self._options.models.resolve(name).mode)
        is_anthropic = "anthropic-version" in request.headers
        shape = model_names.anthropic_model if is_anthropic else model_names.openai_model
        return json_response(shape(name))

    def answered(self, dialect: Dialect) -> Response:
        caller, body = caller_of_request(self._others.callers), body_of_request()
        if dialect.remembers:
            body = self._remembered.completed(body, caller)
        asked = self._asked(body, dialect)
        with ExitStack() as held:
            ask = asking(held, self._others.grok, self._others.callers, asked, caller)
            head = self._head(asked, body, dialect)
            said = about_own_token(self._answer(ask, asked, dialect), caller)
            found = dialect.chunks(said, head)
            if dialect.remembers:
                found = self._remembered.noted(found, body, caller)
            if asked.stream:
                return http_answer.streamed(found, lambda all_: dialect.stream(all_, head), held)
            return http_answer.whole(found, dialect.fold)

    def counted(self) -> Response:
        """How many tokens a question to Anthropic's interface would have."""
        caller = caller_of_request(self._others.callers)
        asked = self._asked(body_of_request(), ANTHROPIC)
        self._others.callers.admit(caller, asked.model.id, asked.model.mode)
        return json_response({"input_tokens": Tally(prompt_tokens(asked)).prompt})

    def _asked(self, body: object, dialect: Dialect) -> ChatRequest:
        options, chat = self._options, request.headers.get("X-OpenWebUI-Chat-Id", "")
        return ChatRequest.parse(
            body,
            options.models,
            temporary=options.temporary,
            chat=chat,
            read_messages=dialect.read_messages,
        )

    def _answer(self, ask: Asking, asked: ChatRequest, dialect: Dialect) -> Iterator[Delta]:
        origin = origin_of_request()
        images = self._others.images
        look = Look(lambda image: images.url_of(image, origin), self._options.footnotes)
        nonce, new_id = secrets.token_hex(4), self._others.new_id
        return answer(ask, asked, look, nonce, lambda: f"{dialect.call_id}{new_id()}")

    def _head(self, asked: ChatRequest, body: object, dialect: Dialect) -> Head:
        given = body if isinstance(body, dict) else {}
        tells_usage = asked.include_usage or not asked.stream or dialect.always_tells_usage
        return Head(
            id=f"{dialect.answer_id}{self._others.new_id()}",
            created=int(self._others.now()),
            model=asked.model.id,
            reasoning=self._reasoning(asked),
            prompt_tokens=prompt_tokens(asked) if tells_usage else 0,
            include_usage=tells_usage,
            tells_conversation=not asked.temporary,
            legacy_calls=asked.tool_use.is_legacy,
            repeated={name: given[name] for name in dialect.repeats if name in given},
        )

    def _reasoning(self, asked: ChatRequest) -> ReasoningStyle:
        """A program that reads the content as JSON finds no tags there."""
        style, is_read = self._options.reasoning, bool(asked.json_format)
        return ReasoningStyle.FIELD if is_read and style is ReasoningStyle.TAGS else style
