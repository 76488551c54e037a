"""The usage object of OpenAI's dialect; all its numbers are estimates (see `tokens`)."""

from typing import Any

from api_bridge.tokens import PER_ANSWER


def usage(prompt: int, completion: int, reasoning: int) -> dict[str, Any]:
    """Estimated tokens; thoughts are part of the completion."""
    prompt += PER_ANSWER
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
