"""The switches a test or an operator can turn while the stand-in runs.

Every field has a harmless default that behaves like Grok on a good day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

CertificateMode = Literal["good", "expired", "wrong_host", "self_signed", "broken_off"]
SignedMode = Literal["off", "present", "exact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """One consistent setting of the stand-in; replaced as a whole, never edited."""

    edge_gate: bool = False
    """Demand `cf_clearance == clearance` and, when set, `User-Agent == user_agent`."""
    clearance: str = "toy-clearance"
    user_agent: str = ""

    signed: SignedMode = "present"
    """`present`: a non-empty x-statsig-id is enough; `exact`: it must be the page's toy value."""
    signed_paths: tuple[str, ...] = (
        "POST /rest/app-chat/conversations/new",
        "POST /rest/app-chat/conversations/*/responses",
    )
    """Shell patterns over "METHOD /path" that the signed-path gate covers."""

    sso_only_is_403: bool = False
    """`sso` without `sso-rw` answers 403 code 7 as OmniRoute saw, instead of 401."""
    echo: bool = False
    """Give every received secret back in every place an answer has (leak tests)."""
    meter_lies: bool = False
    """`rate-limits` shows a full meter although chat answers 429."""
    session_shape: Literal[1, 2] = 1
    """Which of the two shapes of /api/auth/session is answered."""

    broadcast: bool = True
    """Tell every open socket of an account what happens in its other sessions and jobs."""

    scenario: str = ""
    """Play this scenario for every prompt that names none."""
    websocket_refusal: str = ""
    """Refuse chat handshakes: 429, antibot, cf, expired, blocked, noaccess or 5xx."""
    retry_after: str = ""
    """Value of Retry-After on 429 answers; empty leaves the header out, as Grok does."""

    latency_ms: float = 0
    """Wait before every answer."""
    token_delay_ms: float = 25
    """Pause between the tokens of an answer."""
    gap_s: float = 40
    """Silence inside the `long` scenario and before the headers of `slowheader`."""
    temporary_ttl_s: float = 600
    """Life of a temporary conversation."""

    piece_bytes: int = 0
    """Cut bodies that are not streams into pieces of this size (0 = in one go)."""
    stream_piece_bytes: int = 0
    """Cut NDJSON into pieces of this size (0 = one odd cut in each line)."""
    compress: bool = True
    """Compress text by Accept-Encoding: zstd, br, gzip, deflate."""
    pack_every: int = 3
    """Every n-th pair of mgw objects shares one WebSocket message (0 = never)."""
    fragment: bool = False
    """Send mgw messages as two WebSocket frames, cut inside a character when there is one."""

    shaped_path: str = "/rest/*"
    """Shell pattern of the paths whose JSON answers the next switches shape."""
    pad_bytes: int = 0
    """Make them at least this long, by a `padding` in each item of their list."""
    force_encoding: str = ""
    """Code them as zstd, br, gzip or deflate whatever was accepted; other names are only said."""
    content_type: str = ""
    """Label them like this, text/plain or application/octet-stream for instance."""
    charset: str = ""
    """Write them in this charset (Python's name) and say so."""
    chunked: bool = False
    """Send them in odd pieces and without a length."""
    validators: bool = False
    """Give them an ETag (If-None-Match: 304) and serve ranges of them (206)."""

    certificate: CertificateMode = "good"
    """What the handshake shows, for every host; `broken_off` ends it half-way."""
    odd: str = ""
    """Answer requests for `odd_path` with this nonsense: a name under /standin/odd/."""
    odd_path: str = "/rest/*"

    def changed(self, changes: Mapping[str, Any]) -> "Switches":
        """A copy with some switches turned; unknown names are refused."""
        known = {field.name for field in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(f"unknown switches: {', '.join(unknown)}")
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in changes.items()}
        return replace(self, **values)  # type: ignore[arg-type]  # names are checked above
