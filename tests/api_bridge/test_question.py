"""From a request to what Grok is asked, in both transports' words."""

import pytest

from api_bridge.chat_request import ChatRequest
from api_bridge.ndjson_request import body_of, path_of
from api_bridge.question import Question, question_of

TOOL = {"type": "function", "function": {"name": "look"}}


def question(**more: object) -> Question:
    messages = [{"role": "user", "content": "Hi"}]
    request = ChatRequest.parse({"model": "grok-3-think", "messages": messages, **more})
    return question_of(request, "Hi", file_ids=("f-1",))


def test_a_question_takes_the_mode_and_the_files() -> None:
    found = question()
    assert (found.message, found.mode, found.file_ids) == ("Hi", "expert", ("f-1",))
    assert (found.temporary, found.web_search, found.image_generation) == (True, True, True)


@pytest.mark.parametrize(
    "fields", [{"tools": [TOOL]}, {"response_format": {"type": "json_object"}}], ids=str
)
def test_programs_get_an_answer_without_groks_own_tools(fields: dict[str, object]) -> None:
    found = question(**fields)
    assert (found.web_search, found.image_generation) == (False, False)
    assert question(**fields, web_search_options={}).web_search


def test_a_conversation_to_go_on_with_is_kept() -> None:
    found = question(conversation_id="c-1", parent_message_id="r-1")
    assert (found.temporary, found.conversation_id, found.parent_response_id) == (
        False,
        "c-1",
        "r-1",
    )
    assert not question(conversation_id="").temporary


def test_the_older_transport_in_a_new_conversation() -> None:
    found = question()
    assert path_of(found) == "/rest/app-chat/conversations/new"
    body = body_of(found)
    assert (body["message"], body["modeId"], body["temporary"]) == ("Hi", "expert", True)
    assert (body["fileAttachments"], body["disableSearch"]) == (["f-1"], False)
    assert "parentResponseId" not in body
    assert "deepsearchPreset" not in body


def test_the_older_transport_in_a_known_conversation() -> None:
    found = question(conversation_id="c-1", parent_message_id="r-1", model="grok-3-deepersearch")
    assert path_of(found) == "/rest/app-chat/conversations/c-1/responses"
    body = body_of(found)
    assert (body["parentResponseId"], body["deepsearchPreset"]) == ("r-1", "deeper")


def test_search_can_be_off_in_the_older_transport() -> None:
    body = body_of(question(tools=[TOOL]))
    assert (body["disableSearch"], body["toolOverrides"]) == (
        True,
        {"webSearch": False, "xSearch": False},
    )
