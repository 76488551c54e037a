"""Has Grok draw, and tells what it drew, as the images interface does."""

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from api_bridge.answer_head import PATIENCE, Chunk
from api_bridge.errors import BadRequestError, BridgeError, GrokFailedError
from api_bridge.events import Failed, FailureKind, GrokEvent, Image, Silence, Text, Video
from api_bridge.image_request import ImageRequest

_SHOWN_OF_TEXT = 300


@dataclass(frozen=True, slots=True)
class Studio:
    """Where images come from, and how they are handed out."""

    ask: Callable[[str], Iterable[GrokEvent]]
    count_again: Callable[[], None]
    """Before each question but the first, which is counted with the call."""
    url_of: Callable[[Image], str]
    content_of: Callable[[Image], bytes]


def drawn(request: ImageRequest, studio: Studio) -> Iterator[Image | Silence]:
    """As many images as were asked for, each as soon as it is there; Silence now and then.

    Grok is asked again while there are too few. GrokFailedError when it fails, BadRequestError when
    it answers with words only, LimitedError when no further question is allowed; once something is
    drawn, that is the end instead.
    """
    left = request.count
    while left:
        before = left
        try:
            if left < request.count:
                studio.count_again()
            for event in _one_answer(request, studio):
                is_image = isinstance(event, Image)
                if left or not is_image:
                    left -= is_image
                    yield event
        except BridgeError:
            if left == request.count:
                raise
        if left == before:
            return


def _one_answer(request: ImageRequest, studio: Studio) -> Iterator[Image | Silence]:
    words: list[str] = []
    has_drawn = False
    for event in _told(studio.ask(request.prompt), words):
        has_drawn |= isinstance(event, Image)
        yield event
    if not has_drawn:
        raise _only_words("".join(words).strip())


def _told(events: Iterable[GrokEvent], words: list[str]) -> Iterator[Image | Silence]:
    """The images of one answer; its words are put aside."""
    for event in events:
        match event:
            case Video():
                pass
            case Image() if event.is_final:
                yield event
            case Silence():
                yield event
            case Text(text):
                words.append(text)
            case Failed():
                raise GrokFailedError(event)


def entries(request: ImageRequest, studio: Studio) -> Iterator[Chunk]:
    """What is drawn as entries of `data`, with signs of patience between them."""
    for event in drawn(request, studio):
        yield _entry(event, request, studio) if isinstance(event, Image) else PATIENCE


def _entry(image: Image, request: ImageRequest, studio: Studio) -> Chunk:
    told: Chunk = {"revised_prompt": None}
    if request.form != "b64_json":
        told["url"] = studio.url_of(image)
    if request.form != "url" and (content := _content(image, request, studio)):
        told["b64_json"] = base64.b64encode(content).decode()
    return told


def _content(image: Image, request: ImageRequest, studio: Studio) -> bytes:
    """Nothing when it cannot be had and the address will do."""
    try:
        return studio.content_of(image)
    except BridgeError as error:
        if request.form == "b64_json":
            # Not the caller's mistake, whatever it was.
            raise GrokFailedError(Failed(FailureKind.UNREACHABLE)) from error
        return b""


def _only_words(text: str) -> BadRequestError:
    said = f" It said: {text[:_SHOWN_OF_TEXT]}" if text else ""
    return BadRequestError(f"Grok drew no image.{said}", "prompt", "no_image")
