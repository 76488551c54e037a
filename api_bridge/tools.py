"""The tools a caller offers and what it wants done with them, read from any of the dialects.

Nested (`{"type": "function", "function": {…}}`), flat (Responses, Anthropic), legacy `functions`,
and custom tools with free text. Kinds of tools that only their own server can run are dropped.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from api_bridge.request_fields import RequestFields

type ChoiceMode = Literal["none", "auto", "required"]

_FREE_TEXT = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool; `parameters` is a JSON schema."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict, hash=False)
    takes_text: bool = False
    """A custom tool: it is given free text in place of arguments."""
    namespace: str = ""
    """Codex's: the name begins with it here and does without it there."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What may, must or must not be called in this answer; `tools` are those still allowed."""

    tools: tuple[Tool, ...] = ()
    mode: ChoiceMode = "auto"
    parallel: bool = True
    is_legacy: bool = False
    """Asked for as `functions`: answered with a `function_call`, of which there is one."""

    @property
    def is_on(self) -> bool:
        return bool(self.tools) and self.mode != "none"


NO_TOOLS = ToolUse()


def parse_tool_use(body: RequestFields) -> ToolUse:
    """Tools and choice; `functions` counts only where there are no `tools`."""
    tools = _tools(body)
    name = "tool_choice" if body.has("tool_choice") or body.has("tools") else "function_call"
    mode, allowed = _choice(body, name, tools)
    if allowed is not None:
        tools = _only(tools, allowed, body, name)
    is_legacy = bool(tools) and not body.elements("tools")
    return ToolUse(tools, mode, _may_be_several(body) and not is_legacy, is_legacy)


def _may_be_several(body: RequestFields) -> bool:
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("disable_parallel_tool_use") is True:
        return False
    return body.flag("parallel_tool_calls") is not False


def _tools(body: RequestFields) -> tuple[Tool, ...]:
    found = [tool for fields in body.objects("tools") for tool in _tools_of(fields)]
    if not body.elements("tools"):
        found = [_function(fields) for fields in body.objects("functions")]
    return tuple({tool.name: tool for tool in found}.values())


def in_namespace(namespace: str, name: str) -> str:
    """What the model calls it."""
    return f"{namespace}.{name}" if namespace else name


def _tools_of(fields: RequestFields) -> list[Tool]:
    """One, those of a namespace, or none where it is the provider's own."""
    if fields.get("type") != "namespace":
        return [tool] if (tool := _tool(fields)) else []
    namespace = fields.get("name")
    if not (isinstance(namespace, str) and isinstance(fields.get("tools"), list)):
        return []
    inner = [tool for each in fields.objects("tools") if (tool := _tool(each))]
    return [
        replace(tool, name=in_namespace(namespace, tool.name), namespace=namespace)
        for tool in inner
    ]


def _tool(fields: RequestFields) -> Tool | None:
    is_plain = fields.has("name") or fields.has("function")
    match fields.text("type") or ("function" if is_plain else fields.needed_text("type")):
        case "function":
            return _function(fields.fields("function") or fields)
        case "custom" if not fields.has("input_schema"):
            return _custom(fields.fields("custom") or fields)
        case "custom":  # Anthropic's word for an ordinary one
            return _function(fields)
        case _:
            return None


def _function(fields: RequestFields) -> Tool:
    parameters = fields.fields("parameters") or fields.fields("input_schema")
    return Tool(
        fields.needed_text("name").strip(),
        fields.text("description") or "",
        parameters.values if parameters else {},
    )


def _custom(fields: RequestFields) -> Tool:
    """Offered to the model as a function with one argument, `input`."""
    description = fields.text("description") or ""
    rules = fields.fields("format")
    grammar = (rules.fields("grammar") or rules) if rules else None
    definition = grammar.text("definition") if grammar else None
    if definition:
        description += f"\nThe input must follow this grammar:\n{definition}"
    return Tool(fields.needed_text("name").strip(), description, _FREE_TEXT, True)


def _choice(
    body: RequestFields, name: str, tools: tuple[Tool, ...]
) -> tuple[ChoiceMode, list[str] | None]:
    value = body.get(name)
    if value is None:
        return "auto", None
    if isinstance(value, str):
        return _mode(body, name, value), None
    fields = body.fields(name)
    assert fields is not None
    if fields.text("type") == "allowed_tools":
        return _allowed(fields.fields("allowed_tools") or fields)
    if fields.text("type") in _MODES and not fields.has("name"):
        return _mode(fields, "type", fields.needed_text("type")), None
    if _is_the_providers(body, fields, tools):
        return "auto", None
    return "required", [_named(fields).needed_text("name").strip()]


def _is_the_providers(body: RequestFields, choice: RequestFields, tools: tuple[Tool, ...]) -> bool:
    """Whether a tool is chosen that runs at the provider: with no tool of the caller's there, Grok
    searches by itself."""
    ours = {tool.name for tool in tools}
    chosen = _named(choice).get("name") or choice.get("type")
    others = (fields for fields in body.objects("tools") if not _tools_of(fields))
    return chosen not in ours and any(
        chosen in (fields.get("name"), fields.get("type")) for fields in others
    )


def _named(fields: RequestFields) -> RequestFields:
    return fields.fields("function") or fields.fields("custom") or fields


_MODES: dict[str, ChoiceMode] = {
    "none": "none",
    "auto": "auto",
    "required": "required",
    "any": "required",
}


def _mode(fields: RequestFields, name: str, value: str) -> ChoiceMode:
    if value not in _MODES:
        fields.invalid(name, f"'{value[:40]}' is none of 'none', 'auto', 'required'.")
    return _MODES[value]


def _allowed(fields: RequestFields) -> tuple[ChoiceMode, list[str]]:
    mode = _mode(fields, "mode", fields.text("mode") or "auto")
    items = fields.objects("tools")
    return mode, [_named(item).text("name") or "" for item in items]


def _only(
    tools: tuple[Tool, ...], allowed: list[str], body: RequestFields, name: str
) -> tuple[Tool, ...]:
    offered = {tool.name for tool in tools}
    if unknown := [wanted for wanted in allowed if wanted and wanted not in offered]:
        body.invalid(name, f"'{unknown[0][:60]}' is not one of the tools.")
    return tuple(tool for tool in tools if tool.name in allowed)
