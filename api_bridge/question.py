"""What is asked of Grok in one turn, in no transport's words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One turn. A new conversation unless `conversation_id` continues one."""

    message: str
    mode: str
    file_ids: tuple[str, ...] = ()
    temporary: bool = True
    conversation_id: str = ""
    parent_response_id: str = ""
    web_search: bool = True
    image_generation: bool = True
    deepsearch: str = ""
    """`default` or `deeper`; only the older transport knows it."""
