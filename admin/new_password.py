"""Which passwords somebody may choose."""

from admin.language import text

SHORTEST = 8
LONGEST = 1024


def check_new_password(password: str) -> None:
    """ValueError, in the page's language, for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(text("user_password_short", count=SHORTEST))
