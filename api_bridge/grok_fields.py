"""Reads values out of Grok's JSON, whose fields come and go: a wrong type counts as absent.

Also the few shapes that both transports share: images, pages, posts, cards.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from api_bridge.events import Image, SearchResult, Video
from api_bridge.json_objects import parse_object

type Fields = Mapping[str, Any]

_NOTHING: Fields = {}


def text_of(fields: Fields, *names: str) -> str:
    """The first of these that is a string with something in it; numbers count as text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def fields_of(fields: Fields, *names: str) -> Fields:
    """The first of these that is an object."""
    found = (fields.get(name) for name in names)
    return next((value for value in found if isinstance(value, dict)), _NOTHING)


def list_of(fields: Fields, *names: str) -> Iterator[Fields]:
    """The objects of the first of these that is a list."""
    found = (fields.get(name) for name in names)
    values = next((value for value in found if isinstance(value, list)), [])
    yield from (value for value in values if isinstance(value, dict))


def texts_of(fields: Fields, name: str) -> list[str]:
    """The strings of this list."""
    values = fields.get(name)
    return [v for v in values if isinstance(v, str)] if isinstance(values, list) else []


def image_of(fields: Fields) -> Image:
    """`streamingImageGenerationResponse` and `image_chunk` alike."""
    return Image(
        image_id=text_of(fields, "imageUuid", "image_uuid", "imageId", "image_id", "assetId"),
        url=text_of(fields, "imageUrl", "image_url"),
        progress=_progress_of(fields),
        is_moderated=fields.get("moderated") is True,
    )


def video_of(fields: Fields) -> Video:
    """`streamingVideoGenerationResponse`, and what is taken for its like on the socket."""
    return Video(
        image_id=text_of(fields, "videoId", "video_id", "assetId"),
        url=text_of(fields, "videoUrl", "video_url"),
        progress=_progress_of(fields),
        is_moderated=fields.get("moderated") is True,
    )


def _progress_of(fields: Fields) -> int:
    progress = fields.get("progress")
    if isinstance(progress, int | float) and 0 <= progress < 100:
        return int(progress)
    return 100


def pages_of(pages: Iterator[Fields]) -> Iterator[SearchResult]:
    """Web pages that were found."""
    for page in pages:
        if url := text_of(page, "url"):
            yield SearchResult(
                url,
                text_of(page, "title"),
                text_of(page, "snippet", "preview"),
                text_of(page, "citationId", "citation_id"),
            )


def posts_of(posts: Iterator[Fields]) -> Iterator[SearchResult]:
    """Posts on X that were found; their address is made of author and number."""
    for post in posts:
        name, number = text_of(post, "userhandle", "username"), text_of(post, "post_id", "postId")
        if name and number:
            yield SearchResult(
                f"https://x.com/{name}/status/{number}",
                text_of(post, "name") or f"@{name}",
                text_of(post, "text"),
                text_of(post, "citationId", "citation_id"),
            )


def card_of(json_text: str) -> Image | SearchResult | None:
    """A card attachment: an image, or the address behind a citation."""
    card = parse_object(json_text)
    if card is None:
        return None
    if image := fields_of(card, "image_chunk", "imageChunk"):
        return image_of(image)
    if url := text_of(card, "url"):
        return SearchResult(url, text_of(card, "title"), card_id=text_of(card, "id"))
    return None
