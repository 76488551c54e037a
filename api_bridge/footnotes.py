"""Numbers the sources of an answer while it streams.

A citation may come before or after the address it stands for, and names it by url, by card or by
number; one source keeps one number as far as that can be known when it is cited.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from api_bridge.events import Citation, SearchResult


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the visible text a source is cited."""

    number: int
    url: str
    title: str
    start: int


class Footnotes:
    """Sources found so far, and the places that cite them."""

    def __init__(self) -> None:
        self._by_card: dict[str, str] = {}
        self._by_number: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._cited: dict[str, int] = {}
        self._places: list[tuple[int, Citation, int]] = []

    def found(self, result: SearchResult) -> None:
        """A source that may be cited."""
        self._titles[result.url] = self._titles.get(result.url) or result.title
        if result.card_id:
            self._by_card.setdefault(result.card_id, result.url)
        if result.citation_id:
            self._by_number.setdefault(result.citation_id, result.url)

    def cite(self, citation: Citation, start: int) -> int:
        """The number to print at this place."""
        key = self._url(citation) or f"card {citation.card_id} {citation.citation_id}"
        number = self._cited.setdefault(key, len(self._cited) + 1)
        self._places.append((number, citation, start))
        return number

    def places(self) -> Iterator[Place]:
        """All places whose source has become known."""
        for number, citation, start in self._places:
            if url := self._url(citation):
                yield Place(number, url, self._titles.get(url, ""), start)

    def lines(self) -> Iterator[str]:
        """A Markdown definition for each number."""
        sources = {place.number: place for place in self.places()}
        for number, place in sorted(sources.items()):
            title = place.title.replace('"', "'").replace("\n", " ").strip()
            yield f"[{number}]: {place.url}" + (f' "{title}"' if title else "")

    def _url(self, citation: Citation) -> str:
        return (
            citation.url
            or self._by_card.get(citation.card_id)
            or self._by_number.get(citation.citation_id, "")
        )
