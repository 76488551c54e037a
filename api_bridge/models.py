"""Which Grok mode a model's name means, as data: modes, historical names, aliases, suffixes.

Names that pin a mode are not moved by `reasoning_effort`; general ones such as `grok-4` are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from api_bridge.errors import BadRequestError

type DeepSearch = Literal["", "default", "deeper"]

CREATED = 1_785_542_400
"""2026-08-01: when Grok's modes took the place of its models."""

LONGEST_NAME = 200
THINKING_MODE, FAST_MODE = "expert", "fast"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A mode to ask for; `id` is the name as the caller wrote it."""

    id: str
    mode: str
    thinking: bool = False
    deepsearch: DeepSearch = ""
    is_pinned: bool = True
    web_search: bool = False

    def with_effort(self, effort: str) -> "ModelChoice":
        """A general name follows the effort; a pinned one stays."""
        thinking = _EFFORTS.get(effort.lower())
        return self if thinking is None or self.is_pinned else self._thinking(thinking)

    def _thinking(self, thinking: bool) -> "ModelChoice":
        mode = THINKING_MODE if thinking else FAST_MODE
        return replace(self, mode=mode, thinking=thinking, is_pinned=True)


_EFFORTS = {
    **dict.fromkeys(("none", "minimal", "low"), False),
    **dict.fromkeys(("medium", "high", "xhigh", "max"), True),
}

_AUTO = ModelChoice("", "auto", is_pinned=False)
_FAST = ModelChoice("", FAST_MODE)
_THINK = ModelChoice("", THINKING_MODE, thinking=True)
_HEAVY = ModelChoice("", "heavy", thinking=True)
_DEEP = replace(_THINK, deepsearch="default")
_DEEPER = replace(_THINK, deepsearch="deeper")

LISTED: Mapping[str, ModelChoice] = {
    "grok-auto": replace(_AUTO, is_pinned=True),
    "grok-fast": _FAST,
    "grok-expert": _THINK,
    "grok-heavy": _HEAVY,
    "grok-4": _AUTO,
    # The seven names of dairoot/grok-gateway's history, accepted for ever.
    "grok-latest": _AUTO,
    "grok-2": _FAST,
    "grok-3": _AUTO,
    "grok-3-think": _THINK,
    "grok-3-thinking": _THINK,
    "grok-3-deepsearch": _DEEP,
    "grok-3-deepersearch": _DEEPER,
}
"""What /v1/models shows."""

_BY_NAME: Mapping[str, ModelChoice] = {
    **LISTED,
    "auto": LISTED["grok-auto"],
    "fast": _FAST,
    "expert": _THINK,
    "heavy": _HEAVY,
    "build": ModelChoice("", "build"),
    "grok-build": ModelChoice("", "build"),
    "grok": _AUTO,
    "deepsearch": _DEEP,
    "deepersearch": _DEEPER,
}

_BARE_MODES = ("auto-", "fast-", "expert-", "heavy-")
"""With a suffix, as in `auto-think`."""

# First match wins. The last ones are names that tools have wired in.
_PATTERNS: tuple[tuple[str, ModelChoice], ...] = (
    ("grok-chat-auto", LISTED["grok-auto"]),
    ("grok-*image*", replace(_AUTO, mode="")),
    ("grok-*imagine*", replace(_AUTO, mode="")),
    ("grok-*video*", replace(_AUTO, mode="")),
    ("grok-*heavy", _HEAVY),
    ("grok-*multi-agent*", _HEAVY),
    ("grok-*deepersearch", _DEEPER),
    ("grok-*deepsearch", _DEEP),
    ("grok-*non-reasoning*", _FAST),
    ("grok-*think*", _THINK),
    ("grok-*reasoning*", _THINK),
    ("grok-*expert", _THINK),
    ("grok-*fast*", _FAST),
    ("grok-*mini*", _FAST),
    ("grok-build-*", ModelChoice("", "build")),
    ("grok-code*", _AUTO),
    ("grok-[2-9]*", _AUTO),
    ("gpt-*nano*", _FAST),
    ("gpt-*mini*", _FAST),
    ("gpt-*", _AUTO),
    ("claude-*haiku*", _FAST),
    ("claude-*", _AUTO),
)


@dataclass(frozen=True, slots=True)
class ModelTable:
    """The names above and the operator's own aliases, which come first."""

    aliases: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> ModelChoice:
        """The mode that a name means; BadRequestError (404) when it means none."""
        for candidate in _spellings(name, self.aliases):
            if len(name) <= LONGEST_NAME and (choice := _lookup(candidate)):
                web_search = ":online" in name.lower()
                return replace(choice, id=name, web_search=web_search or bool(choice.deepsearch))
        known = ", ".join(self.names())
        message = f"The model '{name[:100]}' does not exist. Models here: {known}."
        raise BadRequestError(message, "model", "model_not_found", 404)

    def dangling(self) -> list[str]:
        """Targets of aliases that are no models."""
        targets = self.aliases.values()
        return [name for name in targets if not any(map(_lookup, _plain(name)))]

    def names(self) -> list[str]:
        return [*LISTED, *(alias for alias in self.aliases if alias not in LISTED)]


def _spellings(name: str, aliases: Mapping[str, str]) -> Iterable[str]:
    """The ways to look a name up; an alias is followed, once."""
    for spelling in _plain(name):
        alias = aliases.get(name.strip()) or aliases.get(spelling)
        yield from _plain(alias) if alias else (spelling,)


def _plain(name: str) -> tuple[str, str, str]:
    """The name, bare of tags such as `:latest`, bare of provider prefixes as well."""
    plain = name.strip().lower()
    return plain, plain.partition(":")[0], plain.rpartition("/")[2].partition(":")[0]


def _lookup(name: str) -> ModelChoice | None:
    if choice := _BY_NAME.get(name):
        return choice
    stem, _, effort = name.rpartition("-")
    if effort in _EFFORTS and (choice := _lookup(stem)):
        return choice.with_effort(effort)
    if name.startswith(_BARE_MODES):
        name = f"grok-{name}"
    found = next((choice for pattern, choice in _PATTERNS if fnmatchcase(name, pattern)), None)
    return found if found and found.mode else None


def openai_model(name: str) -> dict[str, Any]:
    """One model as OpenAI's clients read it."""
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "xai"}


def openai_list(names: Iterable[str]) -> dict[str, Any]:
    """The list as OpenAI's clients read it."""
    return {"object": "list", "data": [openai_model(name) for name in names]}


def anthropic_model(name: str) -> dict[str, Any]:
    """One model as Anthropic's clients read it; `lifecycle` is required by theirs."""
    created = datetime.fromtimestamp(CREATED, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = name.replace("-", " ").title()
    return {
        "type": "model",
        "id": name,
        "display_name": title,
        "created_at": created,
        "lifecycle": "active",
    }


def anthropic_list(names: Iterable[str]) -> dict[str, Any]:
    """The list as Anthropic's clients read it."""
    data = [anthropic_model(name) for name in names]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {}
    return {"data": data, "has_more": False, "first_id": None, "last_id": None, **ends}
