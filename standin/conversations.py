"""The one store of conversations that both chat transports and the REST routes share.

Decides who may see a conversation and when a temporary one is gone; knows nothing of HTTP.
"""

import base64
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standin.records import Record


def timestamp(now: float) -> str:
    """RFC 3339 with milliseconds, as Grok writes it."""
    text = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


@dataclass(slots=True)
class Response:
    """One message; Grok calls questions and answers alike a response."""

    response_id: str
    sender: str
    message: str
    created: float
    parent_id: str = ""
    model: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def new(cls, sender: str, message: str, now: float, parent_id: str = "") -> "Response":
        return cls(str(uuid.uuid4()), sender, message, now, parent_id)

    def copied(self) -> "Response":
        """The same words under a new id."""
        return replace(self, response_id=str(uuid.uuid4()))

    def as_node(self) -> dict[str, str]:
        node = {"responseId": self.response_id, "sender": self.sender.lower()}
        return node | ({"parentResponseId": self.parent_id} if self.parent_id else {})

    def as_json(self) -> dict[str, Any]:
        empty_lists = (
            "webSearchResults",
            "xpostIds",
            "xposts",
            "generatedImageUrls",
            "imageAttachments",
            "fileAttachments",
            "cardAttachmentsJson",
            "fileUris",
            "fileAttachmentsMetadata",
            "steps",
            "mediaTypes",
            "streamErrors",
        )
        return {
            "responseId": self.response_id,
            "message": self.message,
            "sender": self.sender,
            "createTime": timestamp(self.created),
            "parentResponseId": self.parent_id,
            "manual": False,
            "partial": False,
            "shared": False,
            "query": "",
            "queryType": "",
            "isControl": False,
            "metadata": {"requestModelDetails": {"modelId": self.model}} if self.model else {},
            "model": self.model,
            **{name: [] for name in empty_lists},
            **self.extra,
        }


@dataclass(slots=True)
class Conversation:
    """One chat thread of one account."""

    conversation_id: str
    user_id: str
    created: float
    modified: float
    temporary: bool = False
    title: str = "New conversation"
    starred: bool = False
    deleted: bool = False
    workspaces: "list[Record]" = field(default_factory=list)
    task_result: dict[str, Any] = field(default_factory=dict)
    """The run of a task that wrote this conversation."""
    responses: dict[str, Response] = field(default_factory=dict)

    def add(self, response: Response) -> Response:
        self.responses[response.response_id] = response
        self.modified = response.created
        return response

    def last_id(self) -> str:
        return next(reversed(self.responses), "")

    def as_json(self) -> dict[str, Any]:
        return {
            "conversationId": self.conversation_id,
            "title": self.title,
            "starred": self.starred,
            "createTime": timestamp(self.created),
            "modifyTime": timestamp(self.modified),
            "systemPromptName": "",
            "temporary": self.temporary,
            "mediaTypes": [],
            "workspaces": [workspace.as_json() for workspace in self.workspaces],
            "taskResult": self.task_result,
        }


class ConversationStore:
    """Conversations by id; a temporary one vanishes after its time to live."""

    def __init__(self) -> None:
        self._by_id: dict[str, Conversation] = {}
        self.share_links: dict[str, tuple[str, str]] = {}
        """Share link id → (conversation id, response id)."""

    def create(self, user_id: str, now: float, *, temporary: bool = False) -> Conversation:
        conversation = Conversation(str(uuid.uuid4()), user_id, now, now, temporary)
        self._by_id[conversation.conversation_id] = conversation
        return conversation

    def owned(self, conversation_id: str, user_id: str) -> Conversation | None:
        """The conversation when this account may see it."""
        found = self._by_id.get(conversation_id)
        return found if found and found.user_id == user_id and not found.deleted else None

    def listed(self, user_id: str, *, deleted: bool = False) -> list[Conversation]:
        """Newest first; temporary ones are never listed."""
        mine = [
            item
            for item in self._by_id.values()
            if item.user_id == user_id and not item.temporary and item.deleted == deleted
        ]
        return sorted(mine, key=lambda item: item.modified, reverse=True)

    def response(self, response_id: str, user_id: str) -> Response | None:
        """One message, in whichever conversation of the account it is."""
        mine = (c for c in self._by_id.values() if c.user_id == user_id and not c.deleted)
        return next((c.responses[response_id] for c in mine if response_id in c.responses), None)

    def any(self, conversation_id: str) -> Conversation | None:
        return self._by_id.get(conversation_id)

    def dump(self, user_id: str) -> list[dict[str, Any]]:
        """Everything of one account with its responses, for the control API."""
        return [
            {
                **item.as_json(),
                "deleted": item.deleted,
                "responses": [response.as_json() for response in item.responses.values()],
            }
            for item in self._by_id.values()
            if item.user_id == user_id
        ]

    def forget(self, conversation_id: str) -> None:
        self._by_id.pop(conversation_id, None)

    def expire(self, now: float, ttl: float) -> None:
        old = [c for c in self._by_id.values() if c.temporary and c.modified + ttl < now]
        for conversation in old:
            self.forget(conversation.conversation_id)

    def share(self, conversation_id: str, response_id: str) -> str:
        link_id = base64.urlsafe_b64encode(b"share").decode().rstrip("=") + "_" + str(uuid.uuid4())
        self.share_links[link_id] = (conversation_id, response_id)
        return link_id
