"""With MASK_ACCOUNT_ID on, users of a shared account never see its id at Grok: each sees one of his
own, which means the real one wherever his page sends it."""

from mitmproxy.http import HTTPFlow

from addons import flow_context
from core.account_alias import alias_for


class AccountAlias:
    """In the chain only when the setting is on; `Bodies` and the others read `context.alias`."""

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        account = context.account
        if not (context.isolated and account and account.upstream_user_id) or flow.response:
            return
        context.alias = alias_for(account.upstream_user_id, context.owner)
        context.upstream_path = context.alias.to_upstream(context.upstream_path.encode()).decode()
        headers = flow.request.headers
        headers.fields = tuple(
            (name, context.alias.to_upstream(value)) for name, value in headers.fields
        )

    def request(self, flow: HTTPFlow) -> None:
        alias, content = flow_context.of(flow).alias, flow.request.raw_content
        if alias and content:
            flow.request.raw_content = alias.to_upstream(content)

    def websocket_message(self, flow: HTTPFlow) -> None:
        alias = flow_context.of(flow).alias
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if alias:
            turned = alias.to_upstream if message.from_client else alias.to_page
            message.content = turned(message.content)
