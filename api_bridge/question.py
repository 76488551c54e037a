"""What is asked of Grok in one turn, in no transport's words."""

from dataclasses import dataclass

from api_bridge.chat_request import ChatRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One turn. A new conversation unless `conversation_id` continues one."""

    message: str
    mode: str
    file_ids: tuple[str, ...] = ()
    temporary: bool = True
    conversation_id: str = ""
    parent_response_id: str = ""
    thinking: bool = False
    web_search: bool = True
    image_generation: bool = True
    deepsearch: str = ""
    """`default` or `deeper`; only the older transport knows it."""


def question_of(request: ChatRequest, prompt: str, *, file_ids: tuple[str, ...] = ()) -> Question:
    """The question that a request asks.

    Grok's own tools are off where the caller brings tools or wants JSON: their cards and links
    would be taken for part of the answer.
    """
    for_a_program = request.tool_use.is_on or bool(request.json_format)
    model = request.model
    return Question(
        message=prompt,
        mode=model.mode,
        file_ids=file_ids,
        temporary=request.temporary,
        conversation_id=request.conversation_id,
        parent_response_id=request.parent_message_id,
        thinking=model.thinking,
        web_search=model.web_search or not for_a_program,
        image_generation=not for_a_program,
        deepsearch=model.deepsearch,
    )
