"""The picture socket of a shared account: a job's frames pass where the job was asked for.

The upstream names a job by an id of its own and never by the request, so a new id is taken for the
caller's when a job begins while he waits for one (grok-protocol §5.3). That is only right while
nobody else on the account waits too: `addons.imagine_turns` sees to it. What began for another just
before is known to be his by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from core.chat_socket import Told
from core.ids import ObjectId

type Frame = Mapping[str, Any]

_BEGINS = "start_stage"
_NAMES = ("image_id", "job_id")


@dataclass(slots=True, eq=False)
class ImagineSocket:
    """What one open socket has asked for."""

    _waiting: int = 0
    """Pictures that were asked for and have not begun."""
    _own: set[str] = field(default_factory=set)

    @property
    def is_waiting(self) -> bool:
        """Whether pictures are yet to begin."""
        return self._waiting > 0

    def give_up(self) -> None:
        """What begins from now on is somebody else's."""
        self._waiting = 0

    def asked(self, frames: Iterable[Frame]) -> None:
        """These go to the upstream."""
        self._waiting += asks_for(frames)

    def unsure(self, frames: Iterable[Frame]) -> frozenset[ObjectId]:
        """Jobs whose owner must be looked up before `told`."""
        named = {name for frame in frames if (name := _job(frame))}
        return frozenset(("file", name) for name in named - self._own)

    def told(
        self,
        frames: Iterable[Frame],
        mine: frozenset[ObjectId],
        of_others: frozenset[ObjectId] = frozenset(),
    ) -> Told:
        """What of a message of the upstream the page may see."""
        self._own |= {name for _, name in mine}
        passing, claims = [], set()
        for frame in frames:
            job = _job(frame)
            is_free = job and job not in self._own and ("file", job) not in of_others
            if is_free and self._begins(frame):
                self._own.add(job)
                claims.add(("file", job))
            if not job and frame.get("type") == "error":
                self.give_up()
                passing.append(frame)
            elif job in self._own:
                passing.append(frame)
        return Told(tuple(passing), frozenset(claims))

    def _begins(self, frame: Frame) -> bool:
        if frame.get("current_status") != _BEGINS or self._waiting <= 0:
            return False
        self._waiting -= 1
        return True


def asks_for(frames: Iterable[Frame]) -> int:
    """How many pictures a message of the page asks for."""
    parts = [part for frame in frames for part in _parts(frame)]
    return sum(_number(part) for part in parts if part.get("type") == "input_text")


def too_busy() -> dict[str, Any]:
    """What the page is told when others take too long."""
    text = "Somebody else on this account is waiting for pictures. Please try again."
    return {"type": "error", "err_code": "rate_limit_exceeded", "err_msg": text}


def _job(frame: Frame) -> str:
    """The job a frame is about; a finished picture is named by its URL."""
    for name in _NAMES:
        value = frame.get(name)
        if isinstance(value, str) and value:
            return value
    url = frame.get("url")
    return PurePosixPath(urlsplit(url).path).stem if isinstance(url, str) else ""


def _parts(frame: Frame) -> list[Mapping[str, Any]]:
    item = frame.get("item")
    content = item.get("content") if isinstance(item, Mapping) else None
    parts = content if isinstance(content, list) else []
    return [part for part in parts if isinstance(part, Mapping)]


def _number(part: Mapping[str, Any]) -> int:
    properties = part.get("properties")
    wanted = properties.get("num_generations") if isinstance(properties, Mapping) else None
    is_number = isinstance(wanted, int) and not isinstance(wanted, bool)
    return min(max(wanted, 1), 8) if is_number and wanted is not None else 4
