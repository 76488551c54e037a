"""How copies of flows are wrapped on their way."""

import pytest

from core.flow_frames import LARGEST, LENGTH_SIZE, framed, length_in


@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_a_copy_stands_behind_its_length(size: int) -> None:
    frame = framed(b"x" * size)
    assert length_in(frame[:LENGTH_SIZE]) == size == len(frame) - LENGTH_SIZE


def test_what_no_proxy_would_send_is_not_waited_for() -> None:
    with pytest.raises(ValueError, match="large"):
        length_in((LARGEST + 1).to_bytes(LENGTH_SIZE))
