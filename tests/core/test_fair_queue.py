from core.fair_queue import FairQueue


def test_the_line_serves_callers_in_turn():
    line = FairQueue()
    for item in ("a1", "a2", "a3", "b1", "c1"):
        line.join(item[0], item)
    assert [line.serve(lambda item: True) for _ in range(6)] == ["a1", "b1", "c1", "a2", "a3", None]


def test_one_that_cannot_be_served_holds_up_nobody():
    line = FairQueue()
    line.join("a", "a1")
    line.join("b", "b1")
    assert line.serve(lambda item: item != "a1") == "b1"
    line.leave("a", "a1")
    line.leave("a", "a1")
    assert len(line) == 0
