"""A question as the older transport wants it: a path and a JSON body."""

from typing import Any

from api_bridge.question import Question

_NEW = "/rest/app-chat/conversations/new"
_IMAGES_PER_TURN = 2


def path_of(question: Question) -> str:
    """Where the question is posted to."""
    if not question.conversation_id:
        return _NEW
    return f"/rest/app-chat/conversations/{question.conversation_id}/responses"


def body_of(question: Question) -> dict[str, Any]:
    """What is posted."""
    body: dict[str, Any] = {
        "temporary": question.temporary,
        "message": question.message,
        "modeId": question.mode,
        "fileAttachments": list(question.file_ids),
        "imageAttachments": [],
        "disableSearch": not question.web_search,
        "disableMemory": True,
        "disableTextFollowUps": True,
        "disableArtifact": True,
        "enableSideBySide": False,
        "forceSideBySide": False,
        "forceConcise": False,
        "enableImageGeneration": question.image_generation,
        "enableImageStreaming": question.image_generation,
        "imageGenerationCount": _IMAGES_PER_TURN,
        "returnImageBytes": False,
        "returnRawGrokInXaiRequest": False,
        "sendFinalMetadata": True,
        "isAsyncChat": False,
        "toolOverrides": {},
    }
    if not question.web_search:
        body["toolOverrides"] = {"webSearch": False, "xSearch": False}
    if question.deepsearch:
        body["deepsearchPreset"] = question.deepsearch
    if question.parent_response_id:
        body["parentResponseId"] = question.parent_response_id
    return body
