"""What an answer costs in tokens, counted as it comes; all numbers are estimates (see `tokens`)."""

from typing import Any

from api_bridge.deltas import Call, Content, Delta, Reasoning
from api_bridge.tokens import PER_ANSWER, TokenCounter


class Tally:
    """Of one answer; `prompt` is what was asked."""

    def __init__(self, prompt: int) -> None:
        self.prompt = prompt + PER_ANSWER
        self._visible, self._thoughts = TokenCounter(), TokenCounter()

    def note(self, delta: Delta) -> None:
        match delta:
            case Content(text):
                self._visible.feed(text)
            case Reasoning(text):
                self._thoughts.feed(text)
            case Call(call):
                self._visible.feed(call.name + call.arguments)

    @property
    def reasoning(self) -> int:
        return self._thoughts.count

    @property
    def completion(self) -> int:
        """Thoughts are part of it."""
        return self._visible.count + self._thoughts.count

    def openai(self) -> dict[str, Any]:
        """The usage object of OpenAI's chat completions."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def responses(self) -> dict[str, Any]:
        """That of OpenAI's Responses."""
        return {
            "input_tokens": self.prompt,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": self.completion,
            "output_tokens_details": {"reasoning_tokens": self.reasoning},
            "total_tokens": self.prompt + self.completion,
        }

    def anthropic(self) -> dict[str, Any]:
        """That of Anthropic's messages."""
        return {
            "input_tokens": self.prompt,
            "output_tokens": self.completion,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        }
