"""What an answer leaves behind on its account, for all of the account's users to find.

Files, an artifact, a remembered fact, a notification, and news on every other open socket.
"""

import re
import uuid
from typing import TYPE_CHECKING

from standin.conversations import Conversation, Response
from standin.news import Event, Listener, News

if TYPE_CHECKING:
    from standin.turn import Turn
    from standin.world import World

_REMEMBER = re.compile(r"\bremember that ([^.\n]+)", re.IGNORECASE)


def leave(turn: "Turn", kept: Response) -> None:
    """After the answer is stored; a failed one leaves only its news."""
    world, conversation = turn.world, turn.conversation
    if turn.status == "completed":
        _files(turn, kept)
        _artifact(turn, kept)
        _memory(turn)
        if not conversation.temporary and len(conversation.responses) == 2:
            notify(world, conversation, f"Grok answered in “{conversation.title}”")
    spread_title(world, conversation, kept.response_id, but_not=turn.heard_by)


def notify(world: "World", conversation: Conversation, text: str) -> None:
    """A notification that names the conversation by id, link and title."""
    values = {
        "notificationType": "NOTIFICATION_TYPE_CONVERSATION",
        "title": conversation.title,
        "body": text,
        "conversationId": conversation.conversation_id,
        "link": f"https://grok.com/c/{conversation.conversation_id}",
        "isRead": False,
    }
    world.records.add("notification", conversation.user_id, world.now(), values)


def spread_queue(
    world: "World", conversation: Conversation, response_id: str, but_not: Listener | None = None
) -> None:
    """An answer begins in another session."""
    queue = [{"response_id": response_id, "conversation_id": conversation.conversation_id}]
    _spread(world, conversation, [{"type": "conversation.queue.updated", "queue": queue}], but_not)


def spread_title(
    world: "World",
    conversation: Conversation,
    response_id: str = "",
    but_not: Listener | None = None,
) -> None:
    """An answer of another session is stored; then the same once more without a session id."""
    events: list[Event] = [{"type": "conversation.title.updated", "title": conversation.title}]
    if response_id:
        stored = {"status": "ok", "response_id": response_id}
        events.insert(0, {"type": "response.persisted", **stored})
    _spread(world, conversation, events, but_not)
    if world.switches.broadcast:
        named = {"id": conversation.conversation_id, "title": conversation.title}
        loose = News([{"type": "conversation.list.updated", "conversation": named}])
        world.news.tell("mgw", conversation.user_id, loose, but_not)


def learn(world: "World", user_id: str, fact: str) -> None:
    """One more fact in the account's memory."""
    world.records.add("memory", user_id, world.now(), {"content": fact})


def add_artifact(world: "World", conversation: Conversation, title: str, content: str) -> None:
    """A document written in a conversation."""
    values = {
        "title": title,
        "conversationId": conversation.conversation_id,
        "versionId": str(uuid.uuid4()),
        "content": content,
        "artifactType": "ARTIFACT_TYPE_CODE",
    }
    world.records.add("artifact", conversation.user_id, world.now(), values)


def _spread(
    world: "World",
    conversation: Conversation,
    events: list[Event],
    but_not: Listener | None,
) -> None:
    if world.switches.broadcast:
        news = News(events, conversation.conversation_id)
        world.news.tell("mgw", conversation.user_id, news, but_not)


def _files(turn: "Turn", kept: Response) -> None:
    conversation_id = turn.conversation.conversation_id
    for key in kept.extra.get("generatedImageUrls", []):
        turn.world.files.note_generated(
            turn.account.user_id, key, turn.world.now(), conversation_id
        )
    for file_id in turn.question.file_ids:
        found = turn.world.files.get(file_id, turn.account.user_id)
        if found and not found.conversation_id:
            found.conversation_id = conversation_id


def _artifact(turn: "Turn", kept: Response) -> None:
    if turn.scenario == "code":
        add_artifact(turn.world, turn.conversation, turn.conversation.title, kept.message)


def _memory(turn: "Turn") -> None:
    """As the real one does, from what was said, unless the chat keeps memory out."""
    if turn.conversation.temporary or not turn.question.personal.memory:
        return
    for fact in _REMEMBER.findall(turn.question.message):
        learn(turn.world, turn.account.user_id, fact.strip())
