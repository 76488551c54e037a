"""The messages of a request as values, whatever dialect they came in."""

import json
from dataclasses import dataclass, field
from typing import Literal

type Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image: a data URL, or an http(s) address that is still to be fetched."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file: a data URL with its name, or the id of one that was uploaded."""

    data_url: str = field(default="", repr=False)
    name: str = ""
    file_id: str = ""


type Part = TextPart | ImagePart | FilePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model wrote; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str
    text: str | None = None
    """What a custom tool is given: free text, which its arguments hold as `input`."""
    namespace: str = ""
    """What its name begins with, where the caller tells the two apart."""

    @classmethod
    def with_text(cls, call_id: str, name: str, text: str, namespace: str = "") -> "ToolCall":
        """A call of a custom tool."""
        arguments = json.dumps({"input": text}, ensure_ascii=False)
        return cls(call_id, name, arguments, text, namespace)

    @property
    def given(self) -> tuple[str, str]:
        """The name under which interfaces tell what it is given, and that."""
        return ("arguments", self.arguments) if self.text is None else ("input", self.text)

    @property
    def bare_name(self) -> str:
        """Without its namespace."""
        return self.name.removeprefix(f"{self.namespace}.") if self.namespace else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; of a tool, `call_id` says which call it answers."""

    role: Role
    parts: tuple[Part, ...] = ()
    name: str = ""
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing; that a tool has answered nothing says something."""
        says = self.text.strip() or self.attachments or self.calls or self.role == "tool"
        return not says

    @property
    def attachments(self) -> tuple[ImagePart | FilePart, ...]:
        return tuple(part for part in self.parts if not isinstance(part, TextPart))
