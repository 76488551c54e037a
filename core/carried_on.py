"""An earlier conversation as the first message of a new one, on another account.

Bounded: of a long conversation the newest messages go along.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.conversation import Message, latest_branch
from core.conversation_files import readable

LONGEST = 300_000
"""Characters; what does not fit into a message travels as a file."""
_LONGEST_MESSAGE = 100_000
_OPENING = (
    "Below is the transcript of an earlier conversation of mine with you. Take it as the context "
    "of this one: what I ask next continues it. Do not repeat or summarise it; answer this message "
    "with one short sentence that says you are ready to go on, in the language of the transcript."
)
_LEFT_OUT = "[earlier messages are left out]"


@dataclass(frozen=True, slots=True)
class Wish:
    """Begin a conversation for this user, on this account, with these words."""

    user_id: int
    account_id: int
    mode: str
    message: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The new conversation, written down as the user's; or why there is none, in one word."""

    conversation_id: str = ""
    failure: str = ""


type Begin = Callable[[Wish], Begun]


def transcript_message(title: str, messages: Iterable[Message]) -> str:
    """What is asked first; empty when nothing was said."""
    blocks, room, is_cut = list[str](), LONGEST, False
    for message in reversed(latest_branch(messages)):
        block = _block(message)
        if len(block) > room:
            is_cut = True
            break
        room -= len(block)
        blocks.append(block)
    if not blocks:
        return ""
    heading = f"Title: {title}" if title else ""
    parts = [_OPENING, heading, _LEFT_OUT if is_cut else "", *reversed(blocks)]
    return "\n\n".join(filter(None, parts))


def _block(message: Message) -> str:
    text = readable(message.text).strip()
    if len(text) > _LONGEST_MESSAGE:
        half = _LONGEST_MESSAGE // 2
        text = f"{text[:half]}\n[…]\n{text[-half:]}"
    extras = [f"[attached file: {' '.join(name.split())}]" for name in message.files]
    extras += ["[image]"] * len(message.images)
    return "\n".join([f"[{message.role}]", text, *extras]).strip()
