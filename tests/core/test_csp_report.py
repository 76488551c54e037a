import pytest

from core.csp_report import MOST_BYTES, blocked_host


@pytest.mark.parametrize(
    ("body", "host"),
    [
        (b'{"csp-report":{"blocked-uri":"https://cdn.example/x?secret=1"}}', "cdn.example"),
        (b'{"csp-report":{"blocked-uri":"inline"}}', "inline"),
        (b'{"csp-report":{"blocked-uri":"https://[broken"}}', None),
        (b'{"csp-report":{"blocked-uri":"a\\nb"}}', "ab"),
        (b'{"csp-report":{}}', None),
        (b'{"csp-report":[]}', None),
        (b"[1]", None),
        (b"nonsense", None),
        (b"", None),
        (b" " * (MOST_BYTES + 1), None),
    ],
)
def test_the_blocked_host_is_read(body, host):
    assert blocked_host(body) == host
