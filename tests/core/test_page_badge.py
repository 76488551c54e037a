from core.csp import script_sources
from core.page_badge import SNIPPET


def test_the_badge_needs_nothing_that_a_page_of_ones_own_origin_does_not_have() -> None:
    assert script_sources(SNIPPET.decode()) == ()
    assert SNIPPET.startswith(b'<script src="/-/static/')
