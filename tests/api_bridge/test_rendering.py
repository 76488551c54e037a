"""How thoughts, sources and images look as text."""

from dataclasses import replace

import pytest

from api_bridge.deltas import Annotation, Content, Delta, Finish, Ids, Reasoning, Waiting
from api_bridge.errors import GrokFailedError
from api_bridge.events import (
    Citation,
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    SearchResult,
    Silence,
    Started,
    Text,
    Thinking,
    Unknown,
    Video,
)
from api_bridge.rendering import Look, deltas
from tests.api_bridge.recordings import events

LOOK = Look(lambda image: f"https://mirror.example/i/{image.image_id}")
PLAIN = Look(LOOK.image_url, footnotes=False)


def text_of(found: list[Delta]) -> str:
    return "".join(delta.text for delta in found if isinstance(delta, Content))


def run(*given: GrokEvent, look: Look = LOOK) -> list[Delta]:
    return list(deltas([*given, Finished("r-1")], look))


def test_citations_become_numbers_and_definitions() -> None:
    found = list(deltas(events("search_with_citations.mgw"), LOOK))
    source = '[1]: https://tides.example/hanko "Hanko tides"'
    assert text_of(found) == f"High water is at 14:10[1].\n\n{source}"
    note = next(delta for delta in found if isinstance(delta, Annotation))
    assert note == Annotation("https://tides.example/hanko", "Hanko tides", 22, 25)
    assert text_of(found)[note.start : note.end] == "[1]"


@pytest.mark.parametrize(
    "name", ["markup_split_over_tokens.ndjson", "card_after_its_citation.ndjson"]
)
def test_a_source_is_found_by_number_or_by_a_later_card(name: str) -> None:
    found = list(deltas(events(name), LOOK))
    assert "[1]: https://tides.example/hanko" in text_of(found)
    assert found[-1] == Finish("stop")


def test_without_footnotes_the_sources_are_annotations_only() -> None:
    found = list(deltas(events("search_with_citations.mgw"), PLAIN))
    assert text_of(found) == "High water is at 14:10."
    assert Annotation("https://tides.example/hanko", "Hanko tides", 22, 22) in found


def test_one_source_keeps_its_number() -> None:
    found = run(
        Citation("https://a.example/", card_id="1"),
        Citation("https://b.example/", card_id="2"),
        Citation("https://a.example/", card_id="3"),
    )
    assert text_of(found).startswith("[1][2][1]\n\n[1]: https://a.example/\n[2]: https://b")
    assert sum(isinstance(delta, Annotation) for delta in found) == 3


def test_a_source_that_never_comes_is_a_bare_number() -> None:
    assert text_of(run(Text("a"), Citation(card_id="c9"))) == "a[1]"


def test_quotes_in_titles_do_not_end_them() -> None:
    found = run(SearchResult("https://a.example/", 'A "b"\nc'), Citation("https://a.example/"))
    assert text_of(found).endswith("[1]: https://a.example/ \"A 'b' c\"")


def test_finished_images_become_markdown() -> None:
    found = list(deltas(events("images_with_progress.ndjson"), LOOK))
    assert text_of(found) == "Here it is:\n\n![image](https://mirror.example/i/img-1)\n"


def test_a_finished_video_becomes_a_link():
    video = Video("v", "users/u/generated/v/generated_video.mp4")
    assert text_of(run(Text("Here:"), video)) == "Here:\n\n[video](https://mirror.example/i/v)\n"
    assert text_of(run(replace(video, progress=50))) == ""


def test_images_on_their_way_or_withheld_are_not_shown() -> None:
    images = [Image("i", "x", 50), Image("i", "x", 100, is_moderated=True), Image("i", "")]
    assert text_of(run(*images)) == ""


@pytest.mark.parametrize(
    ("thoughts", "text"),
    {
        "a title and its body": (
            [Thinking("One", is_title=True), Thinking("body")],
            "One\nbody",
        ),
        "two steps": (
            [Thinking("One", is_title=True), Thinking("body"), Thinking("Two", is_title=True)],
            "One\nbody\n\nTwo",
        ),
        "a body that ends its line": (
            [Thinking("body\n"), Thinking("Two", is_title=True)],
            "body\n\nTwo",
        ),
        "a title in pieces": ([Thinking("On", is_title=True), Thinking("e", is_title=True)], "One"),
        "titles of two steps": (
            [Thinking("One", is_title=True, step=0), Thinking("Two", is_title=True, step=1)],
            "One\n\nTwo",
        ),
    }.values(),
    ids=str,
)
def test_thoughts_are(thoughts: list[GrokEvent], text: str) -> None:
    found = run(*thoughts)
    assert "".join(delta.text for delta in found if isinstance(delta, Reasoning)) == text


def test_signs_of_life_and_ids_are_passed_on() -> None:
    found = run(Started("c", "r"), Silence(), Unknown("x"), Text("a"))
    assert found == [Ids("c", "r"), Waiting(), Content("a"), Finish("stop")]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("", "stop"), ("max_output_tokens", "length"), ("content_filter", "content_filter")],
)
def test_an_end_is_honest(reason: str, finish: str) -> None:
    assert list(deltas([Text("a"), Finished("r", reason)], LOOK))[-1] == Finish(finish)  # type: ignore[arg-type]


def test_a_failure_is_raised() -> None:
    with pytest.raises(GrokFailedError) as caught:
        list(deltas(events("limit_in_the_middle.ndjson"), LOOK))
    assert caught.value.failed.kind is FailureKind.EXHAUSTED


def test_moderation_of_a_begun_answer_is_its_end() -> None:
    failed = Failed(FailureKind.MODERATED)
    assert list(deltas([Text("a"), failed], LOOK))[-1] == Finish("content_filter")
    with pytest.raises(GrokFailedError):
        list(deltas([failed], LOOK))


def test_events_without_an_end_are_a_failure() -> None:
    with pytest.raises(GrokFailedError):
        list(deltas([Text("a")], LOOK))
