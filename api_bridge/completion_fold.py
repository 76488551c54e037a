"""The answer in one piece, made of the very chunks that would have been streamed.

There is one translation: what a stream says and what a plain answer says cannot differ.
"""

from collections.abc import Iterable
from typing import Any

from api_bridge.answer_head import Chunk
from api_bridge.usage import Tally


def fold(answer: Iterable[Chunk]) -> Chunk:
    """The chat completion that these chunks add up to; they should end with the usage."""
    whole = _Fold()
    for chunk in answer:
        whole.add(chunk)
    return whole.completion()


class _Fold:
    """An answer that grows."""

    def __init__(self) -> None:
        self._top: Chunk = {}
        self._texts: dict[str, list[str]] = {"content": [], "reasoning_content": []}
        self._annotations: list[Any] = []
        self._calls: list[dict[str, Any]] = []
        self._function: dict[str, str] = {}
        self._finish: str | None = None
        self._usage: dict[str, Any] = Tally(0).openai()

    def add(self, chunk: Chunk) -> None:
        if not chunk:
            return
        self._top |= {key: chunk[key] for key in chunk if key not in ("choices", "usage")}
        self._usage = chunk.get("usage") or self._usage
        for choice in chunk["choices"]:
            self._finish = choice["finish_reason"] or self._finish
            self._add_delta(choice["delta"])

    def _add_delta(self, delta: dict[str, Any]) -> None:
        for name, texts in self._texts.items():
            texts.append(delta.get(name) or "")
        self._annotations += delta.get("annotations", [])
        for name, text in delta.get("function_call", {}).items():
            self._function[name] = self._function.get(name, "") + text
        for part in delta.get("tool_calls", []):
            if "id" in part:
                kind = part["type"]
                self._calls.append({"id": part["id"], "type": kind, kind: dict(part[kind])})
            else:
                call = self._calls[part["index"]]
                for name, text in part[call["type"]].items():
                    call[call["type"]][name] += text

    def completion(self) -> Chunk:
        choice = {
            "index": 0,
            "finish_reason": self._finish,
            "logprobs": None,
            "message": self._message(),
        }
        top = {**self._top, "object": "chat.completion"}
        return {**top, "choices": [choice], "usage": self._usage}

    def _message(self) -> dict[str, Any]:
        content, thoughts = ("".join(texts) for texts in self._texts.values())
        message: dict[str, Any] = {
            "role": "assistant",
            "content": content if content.strip() or not self._has_called() else None,
            "refusal": None,
            "annotations": self._annotations,
        }
        if thoughts:
            message["reasoning_content"] = thoughts
        if self._calls:
            message["tool_calls"] = self._calls
        if self._function:
            message["function_call"] = self._function
        return message

    def _has_called(self) -> bool:
        return bool(self._calls or self._function)
