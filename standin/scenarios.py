"""What the stand-in answers: each scenario is a short script of transport-neutral steps.

A prompt chooses its scenario by `/think …` at the start or `scenario:think` anywhere as a word.
Knows neither mgw nor NDJSON; those render the steps.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from standin.refusals import REFUSAL_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question without its scenario keyword, and what the answer may refer to."""

    text: str
    mode: str
    user_id: str
    response_id: str
    earlier: int = 0
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the account's memory and settings add to the everyday answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens in an answer."""

    kind: str
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


Script = Callable[[Prompt], Iterator[Step]]

_AT_START = re.compile(r"^\s*/([\w-]+)(?=\s|$)")
_ANYWHERE = re.compile(r"(?<![\w:/])scenario:([\w-]+)")
_TOKEN = re.compile(r"\s*\S{1,6}|\s+")
_CALL_TAG = re.compile(r"<(call-\w+)>")
_RESULT = re.compile(r"<result-(\w+)[^>]*>\n(.*?)\n</result-\1>", re.DOTALL)
_TO_WRITE = re.compile(r"\bwrite: ([^\n]+)")
_PAGE = {"url": "https://tides.example/hanko", "title": "Hanko tides"}
_POST = {"username": "harbour_ex", "name": "Harbour", "post_id": "1900000000000000001"}


def choose(message: str, fallback: str) -> tuple[str, str]:
    """Scenario name and the prompt without its keyword; unknown words are prompt text."""
    found = _AT_START.match(message) or _last(_ANYWHERE, message)
    if found and (found[1] in SCRIPTS or found[1] in REFUSAL_NAMES):
        rest = message[: found.start()] + message[found.end() :]
        return found[1], rest.strip()
    return fallback or "reply", message


def tokens(text: str) -> Iterator[Step]:
    """A text as the small pieces in which Grok streams."""
    for piece in _TOKEN.findall(text):
        yield Step("token", piece)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _thought(header: str, summary: str, step: int = 0) -> Iterator[Step]:
    yield Step("think_start")
    yield Step("header", header, {"step": step})
    for piece in _TOKEN.findall(summary + "\n"):
        yield Step("summary", piece, {"step": step})


def _answer(text: str) -> Iterator[Step]:
    yield Step("answer_start")
    yield from tokens(text)


def _reply(prompt: Prompt) -> Iterator[Step]:
    """The everyday answer: useful to look at, and it repeats the prompt word for word."""
    if prompt.mode in {"expert", "heavy"}:
        yield from _thought("Reading the question", f"{len(prompt.text)} characters to consider.")
    notes = [f"You wrote:\n\n{prompt.text}\n\nThis is the Grok stand-in, mode {prompt.mode}."]
    if prompt.files:
        notes.append("Attached: " + ", ".join(prompt.files) + ".")
    if prompt.earlier:
        notes.append(f"Earlier messages in this conversation: {prompt.earlier}.")
    yield from _answer(" ".join((*notes, *prompt.notes)))


def _plain(prompt: Prompt) -> Iterator[Step]:
    yield Step("answer_start")
    yield from (Step("token", piece) for piece in ("Hel", "lo 👋"))


def _think(prompt: Prompt) -> Iterator[Step]:
    yield from _thought("Multiplying", "6 times 7 is needed.")
    yield Step("heartbeat")
    yield from _thought("Checking", "7 times 6 gives the same.", step=1)
    yield from _answer("It is 42.")


def _late_think(prompt: Prompt) -> Iterator[Step]:
    yield from _answer("It is ")
    yield Step("header", "Checking once more", {"step": 1})
    yield from tokens("42.")


def _search(prompt: Prompt) -> Iterator[Step]:
    query = prompt.text or "tide table Hanko"
    yield Step("think_start")
    yield Step("header", "Looking for the tide table", {"step": 0})
    yield Step("web_search", query, {"id": "t-1", "intent": "Look for the tide table"})
    page = _PAGE | {"snippet": "Next high water 14:10", "citation_id": "0"}
    yield Step("web_results", values={"id": "t-1", "pages": [page]})
    yield Step("x_search", "hanko harbour", {"id": "t-2"})
    post = _POST | {"text": "Calm sea today", "citation_id": "1"}
    yield Step("x_results", values={"id": "t-2", "posts": [post]})
    yield from _answer("High water is at 14:10")
    yield Step("citation", values={"id": "c1", "url": _PAGE["url"], "number": 0})
    yield from tokens(".")


def _image(prompt: Prompt) -> Iterator[Step]:
    yield from _answer("Here is your picture:")
    image = f"img-{prompt.response_id[:8]}"
    query = prompt.text or "a red kite"
    for seq, (progress, part) in enumerate(((50, "-part-0"), (100, ""))):
        key = f"users/{prompt.user_id}/generated/{image}{part}/image.jpg"
        yield Step("image", query, {"id": image, "key": key, "progress": progress, "seq": seq})


def _video(prompt: Prompt) -> Iterator[Step]:
    video = f"vid-{prompt.response_id[:8]}"
    for progress in (1, 50, 100):
        folder = f"users/{prompt.user_id}/generated/{video}" if progress == 100 else ""
        values = {"id": video, "progress": progress, "folder": folder}
        yield Step("video", prompt.text, values)


def _code(prompt: Prompt) -> Iterator[Step]:
    yield Step("think_start")
    yield Step("code_call", "print(6 * 7)", {"id": "t-4"})
    yield Step("code_result", "42\n", {"id": "t-4"})
    yield from _answer("The program printed:\n\n```python\nprint(6 * 7)  # 42\n```\n")


def _long(prompt: Prompt) -> Iterator[Step]:
    yield from _thought("A long thought", "This takes a while.")
    yield Step("gap")
    yield Step("heartbeat")
    yield Step("gap")
    yield from _answer("Done after a long silence.")


def _stall(prompt: Prompt) -> Iterator[Step]:
    yield from _answer("This answer never ")
    yield Step("stall")


def _cut(prompt: Prompt) -> Iterator[Step]:
    yield from _answer("This answer is cut in the mid")
    yield Step("cut")


def _empty(prompt: Prompt) -> Iterator[Step]:
    yield Step(
        "error",
        "Stream aborted: capacity is exhausted, try later",
        {"key": "modelNotAvailable", "reason": "model_not_available"},
    )


def _limit(prompt: Prompt) -> Iterator[Step]:
    yield Step(
        "error",
        "You've reached your usage limit. Please try again later.",
        {"key": "usageLimitReached", "reason": "usage_limit_reached"},
    )


def _tags(prompt: Prompt) -> Iterator[Step]:
    yield Step("answer_start")
    marked = (
        'At 14:10 <grok:render card_id="c1" card_type="citation_card" '
        'type="render_inline_citation"><argument name="citation_id">0</argument></grok:render>'
        "<xai:tool_usage_card><xai:tool_name>web_search</xai:tool_name></xai:tool_usage_card>"
        " and 1 < 2."
    )
    for start in range(0, len(marked), 9):
        yield Step("token", marked[start : start + 9])
    yield Step("card", values={"id": "c1", "url": _PAGE["url"]})


def _unknown(prompt: Prompt) -> Iterator[Step]:
    yield Step("unknown", "a thing nobody has seen yet")
    yield from _answer("Known ")
    yield Step("unknown", "again")
    yield from tokens("text.")


def _multibyte(prompt: Prompt) -> Iterator[Step]:
    """Characters of two to four bytes, joined emoji cut between tokens, a multi-byte end."""
    yield Step("answer_start")
    for piece in ("Grüße, 你", "好, ", "👩", "\u200d", "🚀 e", "\u0301 ", "\u2028", "🇫", "🇮"):
        yield Step("token", piece)


def _surrogates(prompt: Prompt) -> Iterator[Step]:
    """Halves of a UTF-16 pair in two tokens, as a careless JavaScript service would send."""
    yield Step("answer_start")
    for piece in ("half ", "\ud83d", "\udc4b", " half"):
        yield Step("token", piece)


def _big(prompt: Prompt) -> Iterator[Step]:
    page = _PAGE | {"snippet": "x" * 1_048_576, "citation_id": "0"}
    yield Step("web_results", values={"id": "t-1", "pages": [page]})
    yield from _answer("That was a megabyte.")


def _call(prompt: Prompt) -> Iterator[Step]:
    """As a model that was taught a tag for calls: `write: {…}` as a call, later what it gave."""
    results, tag = _RESULT.findall(prompt.text), _CALL_TAG.search(prompt.text)
    if results or not tag:
        yield from _answer(f"The tool said: {results[-1][1] if results else 'nothing'}.")
        return
    yield Step("answer_start")
    text = f"Let me look.\n<{tag[1]}>{_to_write(prompt)}</{tag[1]}>"
    yield from (Step("token", text[start : start + 3]) for start in range(0, len(text), 3))


def _json(prompt: Prompt) -> Iterator[Step]:
    """`write: {…}` with a fence and a word before it, as models will."""
    yield from _answer(f"Sure:\n```json\n{_to_write(prompt)}\n```")


def _to_write(prompt: Prompt) -> str:
    found = _TO_WRITE.search(prompt.text)
    return found[1] if found else "{}"


def _slowheader(prompt: Prompt) -> Iterator[Step]:
    yield from _answer("Slow to start.")


SCRIPTS: Mapping[str, Script] = {
    "reply": _reply,
    "plain": _plain,
    "think": _think,
    "late-think": _late_think,
    "search": _search,
    "image": _image,
    "video": _video,
    "code": _code,
    "long": _long,
    "stall": _stall,
    "cut": _cut,
    "empty": _empty,
    "limit": _limit,
    "tags": _tags,
    "unknown": _unknown,
    "multibyte": _multibyte,
    "surrogates": _surrogates,
    "big": _big,
    "slowheader": _slowheader,
    "call": _call,
    "json": _json,
}
"""Scenario name → script. Names of `refusals` are scenarios too and end before any step."""
