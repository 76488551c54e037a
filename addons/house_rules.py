"""Third step: what this route may do. Finds the row of the route table, answers what the house
answers itself, and sends everybody without a mirror session to sign in."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from mitmproxy.http import HTTPFlow

from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.unknown_routes import UnknownRoutes
from addons.wire_limits import LARGEST_BODY
from core.account import Account
from core.mirror_config import MirrorConfig
from core.refusals import BODY_TOO_LARGE, KEPT_BY_THE_HOUSE, NOT_FOUND, SIGN_IN_REQUIRED
from core.routes import Do, Route

PRIVATE = Route(path="/**", do=Do.PRIVATE)


class HouseRules:
    """`unknown` counts what has no row, and knows what the operator has allowed of it."""

    def __init__(
        self,
        config: Callable[[], MirrorConfig],
        accounts: Callable[[], Mapping[int, Account]],
        unknown: UnknownRoutes,
    ) -> None:
        self._config, self._accounts, self._unknown = config, accounts, unknown

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        route = self._find(flow, context)
        if route is None:
            self._count_unknown(flow, context)
            local_answers.refuse(flow, NOT_FOUND, context.request_id)
        elif not (route.open or context.session or context.door is Door.BRIDGE):
            _ask_to_sign_in(flow, context)
        else:
            context.route = route
            _apply(flow, context, route)

    def _find(self, flow: HTTPFlow, context: FlowContext) -> Route | None:
        config, method = self._config(), flow.request.method
        path = context.path.partition("?")[0]
        if context.door is Door.BROWSER and (own := config.own.find(method, path)):
            return own
        mapped = context.origins.split_path(context.path)
        if mapped is None and (path == "/-" or path.startswith("/-/")):
            return None
        host, context.upstream_path = mapped or (config.hosts[0].host, context.path)
        context.rule = config.rule_for(host.name)
        if context.rule is None:  # the file has changed since the gate
            return None
        path = context.upstream_path.partition("?")[0]
        return (
            context.rule.routes.find(method, path)
            or _default(context, method)
            or self._unknown.allowed(method, host.name, path)
            or self._private(context)
        )

    def _private(self, context: FlowContext) -> Route | None:
        """Whoever has an account of his own need not wait until somebody has described a path."""
        session = context.session
        account = self._accounts().get(session.account_id or 0) if session else None
        is_his = account and session and account.private_to == session.user_id
        return PRIVATE if is_his and context.rule and context.rule.host.cookies else None

    def _count_unknown(self, flow: HTTPFlow, context: FlowContext) -> None:
        """Of people who are signed in only: what scanners try concerns nobody."""
        if context.rule and (context.session or context.door is Door.BRIDGE):
            path = context.upstream_path.partition("?")[0]
            self._unknown.count(flow.request.method, context.rule.host.name, path)


def _default(context: FlowContext, method: str) -> Route | None:
    default = context.rule.default if context.rule else None
    return default if default and method in default.methods else None


def _apply(flow: HTTPFlow, context: FlowContext, route: Route) -> None:
    match route.do:
        case Do.PASS | Do.OWN | Do.FILTER | Do.PAGE | Do.MASK | Do.VIRTUAL | Do.EMPTY | Do.PRIVATE:
            context.destination = Destination.UPSTREAM
        case Do.SIDECAR if _is_too_large(flow):
            local_answers.refuse(flow, BODY_TOO_LARGE, context.request_id)
        case Do.SIDECAR:
            context.destination = Destination.SIDECAR
        case Do.REFUSE:
            local_answers.refuse(flow, KEPT_BY_THE_HOUSE, context.request_id)
        case Do.ANSWER if route.location:
            local_answers.redirect(flow, route.location, context.request_id)
        case Do.ANSWER:
            local_answers.fixed(flow, route.status, route.body, context.request_id)


def _is_too_large(flow: HTTPFlow) -> bool:
    """By its own word, so that it can be told: a body that is cut off resets the connection."""
    length = flow.request.headers.get("content-length", "")
    return length.isdecimal() and int(length) > LARGEST_BODY


def _ask_to_sign_in(flow: HTTPFlow, context: FlowContext) -> None:
    if local_answers.wants_page(flow) and flow.request.method in ("GET", "HEAD"):
        target = f"/-/sign-in?next={quote(context.path, safe='/')}"
        local_answers.redirect(flow, target, context.request_id)
    else:
        local_answers.refuse(flow, SIGN_IN_REQUIRED, context.request_id)
