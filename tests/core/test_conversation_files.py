"""Files of conversations: names that are safe anywhere, Markdown in which nothing runs, JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import Head, Message
from core.conversation_files import file_name, harmless, pieces, readable

HEAD = Head("c-1", "A title", "2026-11-26T10:00:00.000Z", "2026-11-26T11:00:00.000Z")


def head(title):
    return Head("c-1", title, HEAD.created)


def written(format_, *messages, title="A title"):
    return "".join(pieces(format_, head(title), "car", messages))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A title", "2026-11-26 A title c-1.md"),
        ("../../etc/passwd", "2026-11-26 etc passwd c-1.md"),
        ("=1+1|cmd", "2026-11-26 =1+1 cmd c-1.md"),
        ("天气：如何？", "2026-11-26 天气：如何？ c-1.md"),
        ("a\u202egnp.exe\x00\n", "2026-11-26 a gnp.exe c-1.md"),
        ("   ", "2026-11-26 c-1.md"),
    ],
)
def test_names(title, name):
    assert file_name(head(title), "md") == name


@given(st.text(), st.text())
def test_a_name_is_one_segment_that_every_system_takes(title, conversation_id):
    name = file_name(Head(conversation_id, title), "json")
    assert not set(name) & set('<>:"/\\|?*\x00\r\n')
    assert name.startswith("0000-00-00 ")
    assert len(name.encode()) < 255


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>x</script>", "&lt;script>x&lt;/script>"),
        ("a < b, <!-- c", "a < b, &lt;!-- c"),
        ("```html\n<b>\n```\n<b>", "```html\n<b>\n```\n&lt;b>"),
        ("````\n```\n<b>\n````\n<b>", "````\n```\n<b>\n````\n&lt;b>"),
        ("~~~\n<b>\n~~~ \n<b>", "~~~\n<b>\n~~~ \n&lt;b>"),
        ("```\n<b>", "```\n<b>\n```"),
        ("``` a`b\n<b>", "``` a`b\n&lt;b>"),
        ("- x\n  ```\n<b>", "- x\n  ```\n&lt;b>"),
        ("> ```\n<b>", "> ```\n&lt;b>"),
        ("`<b>`", "`&lt;b>`"),
        ("```\r<b>\r```\r<b>", "```\n<b>\n```\n&lt;b>"),
    ],
)
def test_no_tag_is_html_outside_of_code(text, shown):
    assert harmless(text) == shown


def test_marks_of_groks_page_are_left_out():
    card = '<grok:render card_id="1"><argument name="citation_id">0</argument></grok:render>'
    assert readable(f"a{card}b<xai:tool_usage_card>x</xai:tool_usage_card>c") == "abc"
    assert readable("a<grok:render without end") == "a<grok:render without end"
    assert len(readable("<grok:render" * 100_000)) == 1_200_000  # in no time


def test_markdown_tells_who_said_what_when():
    question = Message(id="q", role="user", text="hi <b>", created="2026", files=("a.pdf",))
    answer = Message(
        id="a",
        role="assistant",
        text="hello",
        parent="other",
        model="grok-4",
        sources=(("https://a.example", "A <i>"),),
        images=("users/u/i.jpg",),
    )
    assert written("md", question, answer, title="<i>\nx") == (
        "# &lt;i> x\n\n- Conversation: c-1\n- Account: car\n"
        "- Created: 2026-11-26T10:00:00.000Z\n"
        "\n## User · 2026\n\nhi &lt;b>\n\n- File: a.pdf\n"
        "\n## Grok · grok-4\n\n*Another branch of the conversation.*\n\nhello\n"
        "\n- Image: users/u/i.jpg\n- Source: A &lt;i> https://a.example\n"
    )


def test_json_is_whole_with_any_number_of_messages():
    for number in range(3):
        messages = [Message(id=str(n), role="user", text="é\u2028") for n in range(number)]
        value = json.loads(written("json", *messages))
        assert value["format"] == "grok-mirror-conversation"
        assert [one["id"] for one in value["messages"]] == [str(n) for n in range(number)]
