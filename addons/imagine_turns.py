"""Lets one user of an account at a time wait for pictures to begin.

Grok names a job only when it begins, and never whose it is (`core.imagine_socket`): while two users
wait on one account, nobody could say which of them a new job belongs to.
"""

import asyncio
from dataclasses import dataclass, field

from core.imagine_socket import ImagineSocket

TURN_SECONDS = 20.0
"""So long a user may keep the others waiting; pictures begin within a second or two."""


@dataclass(slots=True)
class _Turn:
    owner: str
    until: float
    sockets: list[ImagineSocket] = field(default_factory=list)


class ImagineTurns:
    """One for the process. Which socket waits is the socket's own to say."""

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self._seconds = seconds
        self._turns: dict[int, _Turn] = {}
        self._changed = asyncio.Condition()

    async def take(self, account_id: int, owner: str, socket: ImagineSocket) -> bool:
        """Wait until nobody else waits on the account; False when that takes too long."""
        now = asyncio.get_running_loop().time
        last = now() + 1.5 * self._seconds
        while (turn := self._turns.get(account_id)) and turn.owner != owner:
            left = turn.until - now()
            if left <= 0:
                for late in turn.sockets:
                    late.give_up()
                break
            if now() >= last:
                return False
            async with self._changed:
                try:
                    await asyncio.wait_for(self._changed.wait(), min(left, last - now()))
                except TimeoutError:
                    continue
        if turn is None or turn.owner != owner:
            turn = self._turns[account_id] = _Turn(owner, now() + self._seconds)
        turn.sockets.append(socket)
        return True

    async def release(self, account_id: int, socket: ImagineSocket) -> None:
        """This socket waits no longer; its user's turn ends with the last of his."""
        turn = self._turns.get(account_id)
        if turn is None or socket not in turn.sockets:
            return
        turn.sockets = [other for other in turn.sockets if other is not socket]
        if not turn.sockets:
            del self._turns[account_id]
            async with self._changed:
                self._changed.notify_all()
