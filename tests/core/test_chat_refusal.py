import json

import pytest

from core.chat_refusal import refusal_frames
from core.outcomes import Outcome
from core.refusals import DAY_USED_UP, MODE_NOT_YOURS
from core.stream_errors import said_on_socket


@pytest.mark.parametrize("chinese", [True, False])
def test_the_page_is_told_why_and_that_the_answer_is_over(chinese: bool) -> None:
    frames = refusal_frames(DAY_USED_UP, "r-1", "c-1", chinese=chinese)
    said, done = (json.loads(frame) for frame in frames)
    assert said["session_id"] == done["session_id"] == "c-1"
    error = said["event"]["output"]["stream_error"]
    title = DAY_USED_UP.title_zh if chinese else DAY_USED_UP.title_en
    assert error["message"].startswith(title)
    assert done["event"]["type"] == "response.done"
    assert done["event"]["response"]["status"] == "failed"


def test_our_own_reader_of_groks_words_understands_it() -> None:
    first = refusal_frames(DAY_USED_UP, "r-1", "", chinese=False)[0]
    assert said_on_socket(first).outcome is Outcome.QUOTA_USED_UP  # type: ignore[union-attr]


def test_a_mode_that_is_not_open_is_no_limit_that_would_pass() -> None:
    said, done = map(json.loads, refusal_frames(MODE_NOT_YOURS, "r", "", chinese=False))
    assert "session_id" not in said
    assert said["event"]["output"]["stream_error"]["kind"] == "permission_denied"
    assert done["event"]["response"]["status_details"]["code"] == "mode_not_allowed"
