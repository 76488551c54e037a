"""Our typed note on one flow: written by the step that decides a thing, read by those after it.

Kept in `flow.metadata` under one key. A flow without it never passed the gate; asking for it is
then an error, not a case to handle.
"""

from dataclasses import dataclass, field
from enum import Enum

from mitmproxy.http import HTTPFlow

from core.account import Account
from core.account_alias import Alias
from core.bridge_call import ACCOUNT, BridgeCall
from core.choice_note import ChoiceNote
from core.claims import ClaimTree
from core.client_address import Client
from core.leases import Lease
from core.mirror_config import HostRule
from core.mirror_session import MirrorSession
from core.origins import MirrorOrigin, Origins
from core.outcomes import Outcome
from core.page_filter import PageFilter
from core.refusals import Refusal
from core.routes import Route
from core.user import caller_name

_KEY = "grok-mirror"


class Door(Enum):
    """Which listener the flow came in by."""

    BROWSER = "browser"
    BRIDGE = "bridge"


class Destination(Enum):
    """Where the flow goes once it is approved."""

    NOWHERE = "nowhere"
    SIDECAR = "sidecar"
    UPSTREAM = "upstream"


@dataclass(slots=True)
class FlowContext:
    """Fields are None until the step named beside them has run."""

    request_id: str
    door: Door
    started: float
    client: Client
    mirror: MirrorOrigin
    origins: Origins
    path: str
    """Path and query as the browser sent them (gate)."""
    is_api: bool = False
    """gate: a call of the API, whose callers show keys"""
    front_takes_over: bool = False
    """gate: the front waits to hear whether this call may enter, and brings it to the bridge"""
    call: BridgeCall | None = None
    """gate: for the bridge, on whose behalf it asks"""
    session: MirrorSession | None = None
    """callers"""
    session_cookie: str = field(default="", repr=False)
    """callers: to ask again while a socket is open"""
    cors: list[tuple[str, str]] = field(default_factory=list)
    """callers: lets a page of another site read what the API answers"""
    language: str = ""
    """callers: chosen on a page of ours"""
    rule: HostRule | None = None
    """house rules: the upstream host"""
    route: Route | None = None
    """house rules"""
    handed_over: bool = False
    """upstream: the front has brought it to the bridge"""
    upstream_path: str = ""
    """house rules: path and query at the upstream"""
    destination: Destination = Destination.NOWHERE
    offered: tuple[str, ...] = ()
    """allowance: the modes a user is held to, where the page asks which there are"""
    account: Account | None = None
    """account lease"""
    lease: Lease | None = None
    """account lease: of a call, until it is given back"""
    why: ChoiceNote | None = None
    """account lease: why this account"""
    isolated: bool = False
    """isolation: others use this account too, so only what is the caller's may pass"""
    alias: Alias | None = None
    """account alias: what the caller sees instead of the account's id"""
    page: PageFilter | None = None
    """isolation: takes out of a page what is not the caller's"""
    claims: ClaimTree | None = None
    """isolation: which ids of the answer become the caller's"""
    secrets: frozenset[bytes] = field(default=frozenset(), repr=False)
    """cookies: what was sent upstream and must not come back"""
    set_cookies: list[str] = field(default_factory=list)
    """account cookies: the browser's own Set-Cookie lines"""
    approved: bool = False
    """chain: the head of the request passed every step, or was answered by one"""
    answered_here: bool = False
    """chain: the answer is ours, the upstream was not asked"""
    answer_approved: bool = False
    """chain: every response step has run"""
    status: int = 0
    """What the client was answered (0: nothing yet)."""
    mode: str = ""
    """answer watch: what the request, or the last session on its socket, asks to be answered by"""
    asked_at: float = 0.0
    """answer watch: when a socket's last question set out (monotonic)"""
    outcome: Outcome | None = None
    wait: float | None = None
    """answer watch, explanations: seconds that Grok asks us to wait"""
    fault: Refusal | None = None
    """Why the upstream side failed, if a step knows better than mitmproxy."""
    deadline: float | None = None
    """Monotonic time by which the next upstream byte is due."""
    bytes_out: int = 0
    first_byte_at: float = 0.0
    """records: when the head of the answer came (monotonic)"""
    recorded: bool = False
    """records: however many endings a flow has"""

    @property
    def owner(self) -> str:
        """Whose what this flow makes will be; empty for nobody's."""
        if self.call:
            return self.call.caller
        return caller_name(self.session.user_id) if self.session else ""

    @property
    def own_headers(self) -> list[tuple[bytes, bytes]]:
        """What every answer of ours to this flow has."""
        cors = [(name.lower().encode(), value.encode()) for name, value in self.cors]
        return [*self.account_lent, *cors]

    @property
    def account_lent(self) -> list[tuple[bytes, bytes]]:
        """The header by which the bridge learns which account it is, 0 for a caller's own."""
        if self.door is not Door.BRIDGE or self.account is None:
            return []
        return [(ACCOUNT, str(self.account.id).encode())]


def of(flow: HTTPFlow) -> FlowContext:
    """The context of a flow that passed the gate. Raises KeyError when it did not."""
    context = flow.metadata[_KEY]
    assert isinstance(context, FlowContext)
    return context


def of_or_none(flow: HTTPFlow) -> FlowContext | None:
    """For the seal and the log only, which must also see flows the gate never saw."""
    context = flow.metadata.get(_KEY)
    return context if isinstance(context, FlowContext) else None


def attach(flow: HTTPFlow, context: FlowContext) -> None:
    """Called once per flow, by the gate."""
    flow.metadata[_KEY] = context
