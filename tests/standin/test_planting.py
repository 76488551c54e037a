import pytest

from standin.planting import KINDS


def test_every_kind_can_be_planted_and_is_held(standin):
    control = standin.control
    conversation = control.plant("super", "conversation", title="Old")["conversationId"]
    task = control.plant("super", "task", name="News")["taskId"]
    values = {"conversation_id": conversation, "task_id": task, "content": "eA=="}
    for kind in sorted({*KINDS} - {"conversation", "task"}):
        assert control.plant("super", kind, **values)
    held = control.held("super")
    missing = {kind for kind in KINDS if not held.get(kind)} - {"settings", "image"}
    assert missing == set()
    assert len(held["file"]) == 2
    assert not any(control.held("heavy").values())
    control.reset()
    assert not any(control.held("super").values())


def test_many_at_once_are_numbered(standin):
    planted = standin.control.plant_many("super", "conversation", 3, title="Talk")
    assert [item["title"] for item in planted] == ["Talk 1", "Talk 2", "Talk 3"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("spaceship", {}), ("share_link", {"conversation_id": "none"}), ("task_result", {})],
)
def test_wrong_kinds_and_ids_are_said(standin, kind, values):
    with pytest.raises(ValueError, match=r"ValueError: "):
        standin.control.plant("super", kind, **values)


async def test_requests_are_counted_by_account_and_path(standin, page, visitor):
    for _ in range(2):
        await page.get("https://grok.com/rest/workspaces?pageSize=50")
    await visitor.get("https://grok.com/rest/workspaces")
    key = ("GET", "/rest/workspaces")
    assert standin.control.request_counts() == {key: 3}
    assert standin.control.request_counts("super") == {key: 2}
    assert standin.control.request_counts("") == {key: 1}
    assert standin.control.request_counts(host="cdn.grok.com") == {}
