"""`MODEL_ALIASES`: further names of models, as `alias=model` separated by commas.

Which models there are is the bridge's to know; here only the form is read.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

LONGEST = 100

_NAME = re.compile(rf"[\w./:-]{{1,{LONGEST}}}", re.ASCII)


def parse_aliases(text: str) -> Mapping[str, str]:
    """Aliases in lower case, as models are looked up; ValueError says which entry is wrong."""
    found: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in re.split(r"[,\n]", text))):
        alias, sign, model = (word.strip() for word in entry.partition("="))
        if not (sign and _NAME.fullmatch(alias) and _NAME.fullmatch(model)):
            raise ValueError(f"{entry[:60]!r} is not like my-model=grok-expert")
        found[alias.lower()] = model.lower()
    return MappingProxyType(found)
