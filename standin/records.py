"""What an account owns besides conversations and files: workspaces, tasks, posts, memory and more.

A record is one JSON object of one account. Everybody signed in to the account sees all of them;
which fields a kind has is the business of its routes.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standin.conversations import timestamp

ID_FIELDS: Mapping[str, str] = {
    "workspace": "workspaceId",
    "task": "taskId",
    "task_result": "taskResultId",
    "notification": "notificationId",
    "post": "id",
    "artifact": "artifactId",
    "memory": "memoryId",
    "system_prompt": "systemPromptId",
    "skill": "skillId",
}
"""Kind → the name of its id in JSON."""


@dataclass(slots=True)
class Record:
    """One object; `values` are its fields without id and time."""

    kind: str
    user_id: str
    created: float
    values: dict[str, Any]
    record_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def as_json(self) -> dict[str, Any]:
        created = timestamp(self.created)
        return {ID_FIELDS[self.kind]: self.record_id, **self.values, "createTime": created}


class RecordStore:
    """Records by id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Record] = {}

    def add(self, kind: str, user_id: str, now: float, values: Mapping[str, Any]) -> Record:
        record = Record(kind, user_id, now, dict(values))
        self._by_id[record.record_id] = record
        return record

    def of(self, kind: str, user_id: str) -> list[Record]:
        """Newest first."""
        mine = (r for r in reversed(self._by_id.values()) if (r.kind, r.user_id) == (kind, user_id))
        return list(mine)

    def get(self, kind: str, record_id: str, user_id: str) -> Record | None:
        found = self._by_id.get(record_id)
        return found if found and (found.kind, found.user_id) == (kind, user_id) else None

    def chosen(self, kind: str, ids: object, user_id: str) -> list[Record]:
        """Those of the ids that the account has; templates and foreign ones are passed over."""
        wanted = ids if isinstance(ids, list) else []
        found = (self.get(kind, str(record_id), user_id) for record_id in wanted)
        return [record for record in found if record]

    def remove(self, kind: str, record_id: str, user_id: str) -> bool:
        if self.get(kind, record_id, user_id) is None:
            return False
        del self._by_id[record_id]
        return True
