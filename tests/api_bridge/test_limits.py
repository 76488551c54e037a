"""Stop sequences and budgets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge.deltas import Addition, Call, Content, Delta, Finish, Reasoning
from api_bridge.limits import StopSearch, until_length, until_stop
from api_bridge.messages import ToolCall
from api_bridge.tokens import count_tokens
from tests.api_bridge.recordings import cut


def texts(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, Content))


@pytest.mark.parametrize(
    ("text", "stop", "out"),
    {
        "no match": ("Hello world", ("END",), "Hello world"),
        "a match in the middle": ("one END two", ("END",), "one "),
        "the first of several": ("a\n\nb|c", ("|", "\n\n"), "a"),
        "one that contains the other": ("xxSTOPxx", ("STOPxx", "STOP"), "xx"),
        "at the very start": ("END", ("END",), ""),
        "a beginning that goes on otherwise": ("EN ENE END", ("ENDS",), "EN ENE END"),
        "the one that is whole first": ("xa\nay", ("\n", "a\na"), "xa"),
        "one that repeats itself": ("aaab", ("aab",), "a"),
    }.values(),
    ids=str,
)
def test_an_answer_ends_before_its_stop_sequence(
    text: str, stop: tuple[str, ...], out: str
) -> None:
    for pieces in ([text], list(text)):
        deltas: list[Delta] = [*map(Content, pieces), Finish("stop")]
        *said, end = until_stop(deltas, stop)
        assert texts(said) == out
        assert isinstance(end, Finish)
        assert (end.reason, end.sequence in stop) == ("stop", out != text)


@given(
    st.text(alphabet="ab\n", max_size=30),
    st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), min_size=1, max_size=3),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_no_cut_changes_where_it_ends(text: str, stop: list[str], places: list[int]) -> None:
    found = [(at + len(one), at) for one in stop if (at := text.find(one)) >= 0]
    before = text[: min(found)[1]] if found else text
    deltas: list[Delta] = [*map(Content, cut(text, places)), Finish("stop")]
    assert texts(list(until_stop(deltas, tuple(stop)))) == before


def test_only_what_may_become_a_stop_is_held() -> None:
    search = StopSearch(("\n\nHuman:",))
    assert [search.feed(text) for text in ("Hi", " there\n", "\nHu", "go")] == [
        "Hi",
        " there",
        "",
        "\n\nHugo",
    ]


LINK = Addition("\n\n![image](https://m.example/v1/images/a-long-name)\n")


def test_what_we_add_is_no_stop_and_stands_in_its_place() -> None:
    deltas: list[Delta] = [Content("Here\n"), LINK, Content("\nand there"), Finish("stop")]
    assert list(until_stop(deltas, ("\n\n",))) == [
        Content("Here"), Content("\n"), LINK, Content("\nand there"), Finish("stop"),
    ]  # fmt: skip


def test_what_we_add_costs_nothing_and_passes_whole() -> None:
    deltas: list[Delta] = [Content("Here"), LINK, Content(" one two three"), Finish("stop")]
    *_, link, rest, end = until_length(deltas, 2)
    assert (link, end) == (LINK, Finish("length"))
    assert isinstance(rest, Content)
    assert rest.text in " one two "


def test_reading_ends_with_the_stop() -> None:
    def endless() -> object:
        yield Content("a STOP b")
        pytest.fail("read on after the stop")

    assert texts(list(until_stop(endless(), ("STOP",)))) == "a "  # type: ignore[arg-type]


@pytest.mark.parametrize("budget", [1, 2, 5])
def test_a_budget_cuts_the_visible_text(budget: int) -> None:
    words: list[Delta] = [Reasoning("a very long thought " * 20)]
    words += [Content(f"{word} ") for word in ("one", "two", "three", "four", "five", "six", "sun")]
    found = list(until_length([*words, Finish("stop")], budget))
    assert found[-1] == Finish("length")
    assert 0 < count_tokens(texts(found)) <= budget


def test_a_budget_that_suffices_changes_nothing() -> None:
    deltas: list[Delta] = [Content("one two"), Finish("stop")]
    assert list(until_length(deltas, 10)) == deltas


def test_a_call_that_the_budget_does_not_reach_is_not_made() -> None:
    call = Call(ToolCall("call_00000001", "write", '{"text": "one two three four five six"}'))
    deltas: list[Delta] = [Content("Wait. "), call, Finish("tool_calls")]
    assert list(until_length(deltas, 8)) == [Content("Wait. "), Finish("length")]
    assert list(until_length(deltas, 80)) == deltas


def test_one_huge_piece_is_cut_as_well() -> None:
    found = list(until_length([Content("word " * 50_000), Finish("stop")], 100))
    assert count_tokens(texts(found)) == 100
