from addons.ahead import Ahead


def test_a_decision_counts_until_the_snapshot_moves():
    ahead = Ahead(lambda: 0.0)
    assert ahead.get(1, "old") == "old"
    ahead.decide(1, "old", "new")
    assert ahead.get(1, "old") == "new"
    assert ahead.get(2, "old") == "old"
    assert ahead.get(1, "newer") == "newer"
    assert ahead.get(1, "old") == "old"  # and is forgotten then


def test_a_decision_does_not_outlive_its_writing():
    now = [0.0]
    ahead = Ahead(lambda: now[0])
    ahead.decide(1, "old", "new")
    now[0] = 9.9
    assert ahead.get(1, "old") == "new"
    now[0] = 10.0  # written, shown, and set back by somebody while nobody asked
    assert ahead.get(1, "old") == "old"
