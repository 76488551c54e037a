"""A request to the images interface, as JSON or as a form with files."""

import base64
from dataclasses import dataclass
from typing import Literal

from werkzeug.datastructures import FileStorage, MultiDict

from api_bridge.chat_request import ChatRequest
from api_bridge.message_parsing import image_part, refuse_stored
from api_bridge.messages import ImagePart, Message, TextPart
from api_bridge.models import ModelTable
from api_bridge.request_fields import RequestFields

type Form = Literal["", "url", "b64_json"]

MOST_IMAGES = 4
MOST_GIVEN = 16
_DRAWING = ("dall-e", "gpt-image", "chatgpt-image", "grok-imagine", "grok-2-image", "imagine")
"""What names of models for images begin with; any of Grok's modes draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """What is to be drawn, and how it is to be told."""

    chat: ChatRequest
    prompt: str
    count: int = 1
    form: Form = ""
    """Empty for both: who asks for nothing reads one of them."""
    stream: bool = False

    @classmethod
    def parse(cls, body: object, models: ModelTable, *, edits: bool) -> "ImageRequest":
        """Any JSON value; BadRequestError for all that is no such request."""
        fields = RequestFields.of(body)
        images = _images(fields)
        if edits and not images:
            fields.missing("image")
        prompt = _prompt(fields, edits=bool(images))
        message = Message(role="user", parts=(TextPart(prompt), *images))
        return cls(
            chat=ChatRequest(model=models.resolve(_model(fields)), messages=(message,)),
            prompt=prompt,
            count=_count(fields),
            form=_form(fields),
            stream=fields.flag("stream") or False,
        )


def fields_of(form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> dict[str, object]:
    """A form as the JSON it stands for."""
    fields: dict[str, object] = dict(form.items())
    if count := form.get("n"):
        fields["n"] = int(count) if count.isdecimal() and len(count) < 4 else count
    fields["stream"] = form.get("stream", "").lower() == "true"
    fields["images"] = [
        {"image_url": _data_url(file)}
        for name in ("image", "image[]")
        for file in files.getlist(name)
    ]
    return fields


def _data_url(file: FileStorage) -> str:
    content = base64.b64encode(file.stream.read()).decode()
    return f"data:{file.mimetype or 'image/png'};base64,{content}"


def _model(fields: RequestFields) -> str:
    name = fields.text("model") or ""
    return "grok-auto" if not name or name.lower().startswith(_DRAWING) else name


def _prompt(fields: RequestFields, *, edits: bool) -> str:
    """In the words that make Grok draw rather than talk."""
    asked = fields.needed_text("prompt").strip()
    text = f"Edit the attached image: {asked}" if edits else f"Draw an image: {asked}"
    size = fields.text("size") or "auto"
    return text if size == "auto" else f"{text}\n\nSize: {size}"


def _images(fields: RequestFields) -> tuple[ImagePart, ...]:
    found = []
    for image in fields.objects("images"):
        refuse_stored(image)
        found.append(image_part(image, "image_url"))
    if len(found) > MOST_GIVEN:
        fields.invalid("images", f"at most {MOST_GIVEN} images can be edited together.")
    return tuple(found)


def _count(fields: RequestFields) -> int:
    count = fields.number("n")
    if count is not None and not 1 <= count <= MOST_IMAGES:
        fields.invalid("n", f"between 1 and {MOST_IMAGES} images are drawn for one request.")
    return count or 1


def _form(fields: RequestFields) -> Form:
    match fields.text("response_format") or "":
        case "" | "url" | "b64_json" as form:
            return form
        case other:
            return fields.invalid("response_format", f"'{other[:40]}' is neither url nor b64_json.")
