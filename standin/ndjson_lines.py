"""Steps of an answer as the fields of NDJSON lines: the older, camelCase vocabulary. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from standin.scenarios import Step
from standin.turn import Turn, web_page

Line = dict[str, Any]


def enveloped(fields: Line, *, nested: bool) -> Line:
    """Under `result.response`, or directly under `result`."""
    return {"result": {"response": fields} if nested else fields}


def _token(text: str, tag: str, *, thinking: bool = False, soft_stop: bool = False) -> Line:
    return {
        "token": text,
        "isThinking": thinking,
        "isSoftStop": soft_stop,
        "messageTag": tag,
    }


def opening(turn: Turn) -> Iterator[Line]:
    """Fields before the first step."""
    yield {"userResponse": turn.asked.as_json(), "isThinking": False, "isSoftStop": False}
    layout = {"reasoningUiLayout": "UNIFIED", "willThinkLong": False, "effort": "LOW"}
    yield {"uiLayout": layout, "isThinking": False, "isSoftStop": False}
    yield {"llmInfo": {"modelHash": "c3RhbmQtaW4="}}


def closing(turn: Turn) -> Iterator[Line]:
    """Store the answer; the fields after its last step."""
    kept = turn.keep()
    if turn.status != "failed":
        yield {**_token("", "final", soft_stop=True), "responseId": kept.response_id}
    yield {"modelResponse": kept.as_json(), "responseId": kept.response_id}
    if turn.status != "completed":
        return
    suggestion = {
        "label": "Tell me more",
        "properties": {"messageType": "QUESTION", "followUpType": "STANDARD"},
        "toolOverrides": {},
    }
    metadata = {"followUpSuggestions": [suggestion], "feedbackLabels": [], "toolsUsed": {}}
    yield {"finalMetadata": {**metadata, "disclaimer": ""}, "responseId": kept.response_id}


def fields_of(step: Step) -> Iterator[Line]:
    """The fields of one step; steps that HTTP does not show give none."""
    text, values = step.text, step.values
    match step.kind:
        case "token":
            yield _token(text, "final")
        case "header" | "summary":
            yield {
                **_token(text, step.kind, thinking=True),
                "messageStepId": values.get("step", 0),
                "rolloutId": "Grok",
            }
        case "heartbeat":
            yield _token("", "heartbeat", thinking=True)
        case "error":
            error = {"message": text, values["key"]: {}}
            yield {"error": {**error, "severity": "STREAM_ERROR_SEVERITY_FATAL"}}
        case "citation":
            yield _token(_citation_tag(values), "final")
            yield _card(values)
        case "card":
            yield _card(values)
        case "unknown":
            yield {"quantumEntanglement": {"note": text}, "isThinking": False}
        case _:
            yield from _tool_fields(step)


def _tool_fields(step: Step) -> Iterator[Line]:
    text, values = step.text, step.values
    match step.kind:
        case "web_search" | "x_search":
            name = "webSearch" if step.kind == "web_search" else "xSearch"
            yield _tool_card(values["id"], {name: {"args": {"query": text}}})
        case "code_call":
            yield _tool_card(values["id"], {"codeExecution": {"args": {"code": text}}})
        case "web_results":
            pages = [web_page(page) for page in values["pages"]]
            yield _tool_result(values["id"], {"webSearchResults": {"results": pages}})
        case "x_results":
            posts = [_x_post(post) for post in values["posts"]]
            yield _tool_result(values["id"], {"xSearchResults": {"results": posts}})
        case "code_result":
            result = {"stdout": text, "stderr": "", "exitCode": 0}
            yield _tool_result(values["id"], {"codeExecutionResult": result})
        case "image":
            yield _image_fields(step)
        case "video":
            yield _video_fields(step)


def _tool_card(card_id: str, call: Line) -> Line:
    return {
        "toolUsageCard": {"toolUsageCardId": card_id, **call},
        "messageTag": "tool_usage_card",
        "isThinking": True,
    }


def _tool_result(card_id: str, result: Line) -> Line:
    tag = {"messageTag": "raw_function_result", "isThinking": True}
    return {**result, "toolUsageCardId": card_id, **tag}


def _x_post(post: dict[str, str]) -> dict[str, str]:
    return {
        "username": post["username"],
        "name": post["name"],
        "text": post["text"],
        "postId": post["post_id"],
        "citationId": post["citation_id"],
    }


def _citation_tag(values: Mapping[str, Any]) -> str:
    return (
        f'<grok:render card_id="{values["id"]}" card_type="citation_card" '
        f'type="render_inline_citation"><argument name="citation_id">{values["number"]}'
        "</argument></grok:render>"
    )


def _card(values: Mapping[str, Any]) -> Line:
    card = {"id": values["id"], "cardType": "citation_card", "url": values["url"]}
    return {"cardAttachment": {"jsonData": json.dumps(card)}}


def _image_fields(step: Step) -> Line:
    values = step.values
    return {
        "streamingImageGenerationResponse": {
            "imageId": values["id"],
            "imageUrl": values["key"],
            "seq": values["seq"],
            "progress": values["progress"],
            "imageIndex": 0,
            "assetId": values["id"],
            "moderated": False,
        }
    }


def _video_fields(step: Step) -> Line:
    folder = step.values["folder"]
    return {
        "streamingVideoGenerationResponse": {
            "videoId": step.values["id"],
            "progress": step.values["progress"],
            "videoUrl": folder and f"{folder}/generated_video.mp4",
            "thumbnailImageUrl": folder and f"{folder}/preview_image.jpg",
            "moderated": False,
            "mode": "custom",
            "modelName": "imagine-video-gen",
            "resolutionName": "720p",
        }
    }
