"""What an audit of isolation found: one verdict an attempt, and the report of them all.

Every attempt names what is not the asker's, so there is one right answer: the one that all the
others get. Never holds a token, and of an answer nothing but how it was wrong.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.chat_socket import not_found
from core.isolation_plan import Attempt, SocketAttempt

NOT_FOUND = 404
_ODD = frozenset({400, NOT_FOUND})
_CHANGING = frozenset({"date", "x-request-id", "connection", "keep-alive", "age"})


class Verdict(StrEnum):
    """How an attempt ended; all but the first are failures."""

    HIDDEN = "hidden"
    ANSWERED = "answered"
    """Another answer than for what is not there."""
    TELLS = "tells"
    """A row that looks at no ids, and what came back holds something of the other's."""
    SILENT = "silent"
    """No answer, so nothing is proved."""


SAID: Mapping[Verdict, tuple[str, str]] = {
    Verdict.HIDDEN: ("与不存在无异", "as what is not there"),
    Verdict.ANSWERED: ("得到了别的回答", "got another answer than what is not there"),
    Verdict.TELLS: ("回答中有对方的内容", "the answer holds what is the other's"),
    Verdict.SILENT: ("没有回答", "no answer"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer; `headers` with names in small letters."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def mark(self) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
        """All that two answers could be told apart by."""
        fixed = sorted(pair for pair in self.headers if pair[0] not in _CHANGING)
        return self.status, self.body, tuple(fixed)


@dataclass(frozen=True, slots=True)
class Result:
    """One attempt and its verdict."""

    route: str
    method: str
    where: str
    kind: str
    verdict: Verdict

    @property
    def is_hole(self) -> bool:
        return self.verdict is not Verdict.HIDDEN


def usual(tried: Iterable[tuple[Attempt, Told | None]]) -> Told | None:
    """The answer most attempts got, if it is the one for what is not there."""
    plain = {}
    marks: Counter[object] = Counter()
    for attempt, told in tried:
        if told and attempt.is_checked and not attempt.is_odd and attempt.method != "HEAD":
            marks[told.mark] += 1
            plain[told.mark] = told
    found = plain.get(marks.most_common(1)[0][0]) if marks else None  # type: ignore[call-overload]
    return found if found and found.status == NOT_FOUND else None


def judged(
    attempt: Attempt, told: Told | None, reference: Told | None, others: Collection[str]
) -> Result:
    """`others` are words that are the other's alone: his ids and what he wrote."""
    verdict = _verdict(attempt, told, reference, others)
    return Result(attempt.route, attempt.method, attempt.where, attempt.kind, verdict)


def judged_frames(attempt: SocketAttempt, said: Sequence[Mapping[str, Any]] | None) -> Result:
    """What a socket said to a frame that names what is the other's."""
    if said is None:
        verdict = Verdict.SILENT
    else:
        hidden = all(dict(frame) == not_found(attempt.frame) for frame in said)
        verdict = Verdict.HIDDEN if hidden else Verdict.ANSWERED
    return Result(attempt.route, "WEBSOCKET", attempt.where, attempt.kind, verdict)


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """For machines."""
    holes = [r for r in results if r.is_hole]
    return {
        "ok": bool(results) and not holes,
        "tried": len(results),
        "routes": len({(r.route, r.method) for r in results}),
        "positions": len({(r.route, r.method, r.where) for r in results}),
        "failed": [
            {
                "route": r.route,
                "method": r.method,
                "where": r.where,
                "kind": r.kind,
                "verdict": str(r.verdict),
            }
            for r in holes
        ],
    }


def report(results: Sequence[Result]) -> list[str]:
    """For people, in both languages; the same hole once."""
    told = as_json(results)
    counted = Counter(r for r in results if r.is_hole)
    lines = []
    for hole, times in counted.items():
        zh, en = SAID[hole.verdict]
        often = f" ×{times}" if times > 1 else ""
        lines.append(f"FAIL  {hole.method} {hole.route}  [{hole.where}]{often}: {zh} / {en}")
    lines.append(
        f"路由 routes {told['routes']} · 位置 positions {told['positions']} · "
        f"尝试 tried {told['tried']} · 失败 failed {len(told['failed'])}"
    )
    return lines


def _verdict(
    attempt: Attempt, told: Told | None, reference: Told | None, others: Collection[str]
) -> Verdict:
    if told is None:
        return Verdict.SILENT
    named = attempt.object_id
    if any(word.encode() in told.body for word in others if word != named):
        return Verdict.TELLS
    if not attempt.is_checked:
        return Verdict.HIDDEN
    if attempt.is_odd:
        return Verdict.HIDDEN if told.status in _ODD else Verdict.ANSWERED
    if attempt.method == "HEAD":
        return Verdict.HIDDEN if told.status == NOT_FOUND else Verdict.ANSWERED
    is_usual = reference is not None and told.mark == reference.mark
    return Verdict.HIDDEN if is_usual else Verdict.ANSWERED
