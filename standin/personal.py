"""What an account mixes into every answer: memory, instructions, personalities, system prompts.

One user's settings change the answers of all users of the account, as they really would; the
notes stand at the end of the everyday answer, so that a leak can be read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standin.accounts import Account
from standin.conversations import Conversation

if TYPE_CHECKING:
    from standin.world import World

_ACCOUNT_INSTRUCTIONS = ("customInstructions", "agentCustomizations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What the request itself says about it."""

    memory: bool = True
    personalization: bool = True
    instructions: str = ""
    personality: str = ""
    prompt_name: str = ""

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> "Personal":
        """The camelCase fields of HTTP chat."""
        return cls(
            memory=not body.get("disableMemory"),
            personalization=not body.get("disablePersonalization"),
            instructions=str(body.get("customInstructions") or ""),
            personality=str(body.get("customPersonality") or ""),
            prompt_name=str(body.get("systemPromptName") or ""),
        )

    @classmethod
    def of_session(cls, extras: Mapping[str, Any]) -> "Personal":
        """The snake_case fields of `session.x_grok`."""
        return cls(
            memory=not extras.get("disable_memory"),
            personalization=not extras.get("disable_personalization"),
            instructions=str(extras.get("custom_instructions") or ""),
            personality=str(extras.get("custom_personality") or ""),
            prompt_name=str(extras.get("system_prompt_name") or ""),
        )


def notes_for(
    world: "World", account: Account, conversation: Conversation, personal: Personal
) -> tuple[str, ...]:
    """Sentences for the end of the answer; none on an account nobody has touched."""
    return tuple(_notes(world, account, conversation, personal))


def _notes(
    world: "World", account: Account, conversation: Conversation, personal: Personal
) -> Iterator[str]:
    facts = [r.values["content"] for r in reversed(world.records.of("memory", account.user_id))]
    if facts and personal.memory and account.settings.get("enableMemory", True):
        yield f"Remembered: {'; '.join(facts)}."
    for text in _instructions(account, personal):
        yield f"Instructions: {text}."
    for text in _personalities(conversation, personal):
        yield f"Personality: {text}."
    for prompt in world.records.of("system_prompt", account.user_id):
        if personal.prompt_name in {prompt.record_id, prompt.values["name"]}:
            yield f"System prompt: {prompt.values['prompt']}."


def _instructions(account: Account, personal: Personal) -> list[str]:
    if personal.instructions:
        return [personal.instructions]
    if not personal.personalization:
        return []
    values = (account.settings.get(name) for name in _ACCOUNT_INSTRUCTIONS)
    return [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values if v]


def _personalities(conversation: Conversation, personal: Personal) -> list[str]:
    if personal.personality:
        return [personal.personality]
    values = (workspace.values["customPersonality"] for workspace in conversation.workspaces)
    return [str(value) for value in values if value]
