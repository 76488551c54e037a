"""The leak detector: browsers report what a page tried to reach outside the mirror.

The policy has already stopped it; the report says which host a rewriter has missed, or which
third party the page wanted. Counted by host, logged once each.
"""

import logging
from collections import Counter

from mitmproxy.http import HTTPFlow

from addons import flow_context
from core.csp import REPORT_PATH
from core.csp_report import blocked_host

log = logging.getLogger(__name__)

MOST_HOSTS = 200


class LeakReports:
    """Counts in `hosts`, for the operator to see."""

    def __init__(self) -> None:
        self.hosts: Counter[str] = Counter()

    def response(self, flow: HTTPFlow) -> None:
        if flow_context.of(flow).path != REPORT_PATH:
            return
        host = blocked_host(flow.request.raw_content or b"")
        if host and (host in self.hosts or len(self.hosts) < MOST_HOSTS):
            self.hosts[host] += 1
            if self.hosts[host] == 1:
                log.info("a page tried to reach %s; its policy stopped it", host)
