"""Which names a user may have, and when two spellings are the same user.

`Alice`, `ａlice` and ` ALICE ` are one user; a look-alike with an invisible character is none.
"""

import re
import unicodedata

_ALLOWED = re.compile(r"[\w.@-]{1,64}")
_LONGEST_INPUT = 256  # NFKC can blow one character up to 18: normalise nothing longer than this

RULE_ZH = "用户名为 1–64 个字符：字母、汉字、数字以及 . @ _ -"
RULE_EN = "A user name has 1–64 characters: letters, digits and . @ _ -"


class UserNameError(ValueError):
    """The name cannot be used; the text says the rule in both languages."""

    def __init__(self) -> None:
        super().__init__(f"{RULE_ZH} / {RULE_EN}")


def normal_form(name: str) -> str:
    """The spelling that identifies the user, or UserNameError."""
    if len(name) > _LONGEST_INPUT:
        raise UserNameError
    # Casefolding can undo NFKC (and the other way round), hence twice: the form must be stable.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    normal = unicodedata.normalize("NFKC", folded.casefold()).strip()
    if not _ALLOWED.fullmatch(normal):
        raise UserNameError
    return normal


def shown_form(name: str) -> str:
    """What the user typed, tidied for display; only after `normal_form` has accepted it."""
    return unicodedata.normalize("NFKC", name).strip()
