import json

import pytest

from supervisor.stand_in import StandInError, parse_announcement


def test_announcement_is_read():
    said = {"port": 9, "control_port": 8, "ca_file": "/a/ca.pem", "accounts": [{"sso": "secret1"}]}
    announcement = parse_announcement(json.dumps(said).encode())
    assert announcement.port == 9
    assert announcement.accounts[0]["sso"] == "secret1"
    assert "secret1" not in repr(announcement)


@pytest.mark.parametrize("line", [b"", b"Traceback", b"{}", b"[1]"])
def test_anything_else_is_no_stand_in(line):
    with pytest.raises(StandInError):
        parse_announcement(line)
