"""What Grok says, as typed events: the pivot between its transports and our dialects.

Knows neither the wire nor OpenAI. Both transports end every turn with exactly one Finished or
Failed; nothing follows it.
"""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """Why a turn failed: about the moment, the account, the network, or the request."""

    RATE_LIMITED = "rate_limited"
    EXHAUSTED = "exhausted"
    CAPACITY = "capacity"
    NO_ACCOUNT = "no_account"
    SIGNED_OUT = "signed_out"
    BLOCKED = "blocked"
    NO_ACCESS = "no_access"
    NOT_FOUND = "not_found"
    ANTI_BOT = "anti_bot"
    CHALLENGED = "challenged"
    REGION = "region"
    SWITCHED_OFF = "switched_off"
    TOO_LONG = "too_long"
    MODERATED = "moderated"
    BAD_ATTACHMENT = "bad_attachment"
    """Grok does not take it."""
    UNUSABLE_IMAGE = "unusable_image"
    """It was not even sent to Grok; the message says why, and is the caller's to read."""
    UNUSABLE_FILE = "unusable_file"
    INVALID = "invalid"
    CANCELLED = "cancelled"
    EMPTY = "empty"
    CUT = "cut"
    STALLED = "stalled"
    UNREACHABLE = "unreachable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Lent:
    """An attempt has got through, on this account; 0 is the caller's own. Told to nobody."""

    account_id: int


@dataclass(frozen=True, slots=True)
class Started:
    """Ids of the turn, as far as known; may come again when the second one is known."""

    conversation_id: str = ""
    response_id: str = ""


@dataclass(frozen=True, slots=True)
class Thinking:
    """Thoughts. A title heads the step whose body follows; both may come in pieces."""

    text: str
    is_title: bool = False
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page or post that was found; the two ids are how a citation may name it."""

    url: str
    title: str = ""
    snippet: str = ""
    citation_id: str = ""
    card_id: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The place in the answer where a source is named; its address may come earlier or later."""

    url: str = ""
    citation_id: str = ""
    card_id: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A generated image; `url` is as Grok says it: relative to its assets host, or absolute."""

    image_id: str
    url: str
    progress: int = 100
    is_moderated: bool = False
    account_id: int = 0
    """Whose it is at Grok; 0 while unknown."""

    @property
    def is_final(self) -> bool:
        return self.progress >= 100 and bool(self.url) and not self.is_moderated


@dataclass(frozen=True, slots=True)
class Video(Image):
    """A generated video: all else is as with an image."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The authoritative end; `reason` is set when Grok itself stopped early."""

    response_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The end of a turn that did not come to its answer."""

    kind: FailureKind
    message: str = ""
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Time has passed, in which the caller may have seen nothing: he is to be kept waiting."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something this program has no name for; counted, never shown."""

    name: str


type GrokEvent = (
    Lent
    | Started
    | Thinking
    | Text
    | SearchResult
    | Citation
    | Image
    | Finished
    | Failed
    | Silence
    | Unknown
)

type Bundle = list[GrokEvent]
"""What came together."""
