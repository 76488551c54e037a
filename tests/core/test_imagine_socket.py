"""A picture's frames pass where the picture was asked for."""

from core.imagine_socket import ImagineSocket, asks_for, too_busy

NOTHING: frozenset[tuple[str, str]] = frozenset()


def ask(number=2, text="a kite"):
    properties = {"num_generations": number}
    part = {"type": "input_text", "text": text, "properties": properties}
    return {"type": "conversation.item.create", "item": {"content": [part]}}


def stage(job, status="start_stage"):
    return {"type": "json", "current_status": status, "image_id": job}


def picture(job):
    return {"type": "image", "url": f"https://imagine-public.x.ai/images/{job}.jpg", "blob": ""}


def told(socket, *frames, mine=NOTHING):
    return list(socket.told(frames, frozenset(mine)).frames)


def test_a_picture_that_was_asked_for_is_his():
    socket = ImagineSocket()
    socket.asked([ask()])
    answer = socket.told([stage("a"), picture("a"), stage("a", "completed")], NOTHING)
    assert answer.frames == (stage("a"), picture("a"), stage("a", "completed"))
    assert answer.claims == {("file", "a")}


def test_nobody_else_sees_it():
    assert told(ImagineSocket(), stage("a"), picture("a"), stage("a", "completed")) == []


def test_progress_of_a_job_that_did_not_begin_here_is_somebody_elses():
    socket = ImagineSocket()
    socket.asked([ask()])
    assert told(socket, stage("b", "running"), picture("b")) == []


def test_no_more_jobs_are_taken_than_were_asked_for():
    socket = ImagineSocket()
    socket.asked([ask(1)])
    assert told(socket, stage("a"), stage("b")) == [stage("a")]


def test_his_own_job_of_another_tab_may_be_heard():
    socket = ImagineSocket()
    assert socket.unsure([stage("a"), picture("b")]) == {("file", "a"), ("file", "b")}
    assert told(socket, picture("b"), mine={("file", "b")}) == [picture("b")]


def test_errors_pass_and_odd_frames_do_not():
    socket = ImagineSocket()
    error = {"type": "error", "err_code": "rate_limit_exceeded"}
    assert told(socket, error, {}, {"image_id": 5}, {"item": 3}) == [error]
    socket.asked([{}, {"item": {"content": [1, {"type": "input_text", "properties": 4}]}}])
    assert told(socket, stage("a"))


def test_after_an_error_nothing_is_waited_for():
    socket = ImagineSocket()
    socket.asked([ask()])
    assert socket.is_waiting
    assert told(socket, {"type": "error", "err_code": "x"}, stage("a")) == [
        {"type": "error", "err_code": "x"}
    ]
    assert not socket.is_waiting
    assert too_busy()["err_code"] == "rate_limit_exceeded"


def test_what_a_message_asks_for_is_counted():
    assert asks_for([ask(3), {}, {"item": {"type": "reset"}}]) == 3


def test_what_began_for_another_is_not_what_is_waited_for():
    socket = ImagineSocket()
    socket.asked([ask(1)])
    answer = socket.told([stage("b"), stage("a")], NOTHING, frozenset({("file", "b")}))
    assert (answer.frames, answer.claims) == ((stage("a"),), {("file", "a")})
