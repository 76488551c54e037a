"""What clients of OpenAI and Anthropic ask for that is not here, and what they can do instead.

A bare 404 looks like a wrong base URL; these say that the address is right and the interface not.
"""

import re

_CHAT = "use POST …/chat/completions"
_INSTEAD = {
    "responses": "Only POST …/responses is offered here: answers cannot be fetched, counted or "
    "cancelled. Go on from one with 'previous_response_id' while it is remembered.",
    "messages": "Batches are not offered here: POST …/messages.",
    "complete": f"Anthropic's text completions are not offered here: {_CHAT}.",
    "completions": f"Text completions are not offered here: {_CHAT}.",
    "edits": f"Edits are not offered here: {_CHAT}.",
    "images": "Only POST …/images/generations and …/images/edits are offered here.",
    "files": "Files cannot be stored here: send their content in the message, as a part of type "
    "'file' or 'image_url'.",
    "embeddings": "Grok's web has no embeddings: configure another provider for them.",
    "audio": "Speech is not offered here: configure another provider for it.",
    "moderations": "Moderation is not offered here: configure another provider for it.",
}
_SAME = {"uploads": "files", "response": "responses", "engines": "completions"}
_ELSEWHERE = frozenset(
    {
        "assistants", "threads", "batches", "fine_tuning", "fine-tunes", "vector_stores",
        "realtime", "evals", "containers", "videos", "conversations", "organization",
    }
)  # fmt: skip
_TWICE = re.compile(r"/v1/v1(?:/|$)")


def instead(path: str) -> str | None:
    """What to do instead of calling this path; None for one that nobody offers."""
    if _TWICE.search(path):
        return "The path has /v1 twice: leave it out of the base URL in the client's settings."
    words = path.strip("/").split("/")
    name = words[words.index("v1") + 1] if "v1" in words[:-1] else words[0]
    name = _SAME.get(name, name)
    if name in _ELSEWHERE:
        return f"'{name}' is not offered here: {_CHAT}."
    return _INSTEAD.get(name)


def is_anthropic(path: str) -> bool:
    """Whether only a client of Anthropic's would call this path."""
    return re.search(r"/(?:messages|complete)(?:/|$)", path) is not None
