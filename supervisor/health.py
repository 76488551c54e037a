"""`health`: one question to the running mirror, for Docker and monitors."""

import asyncio

from core.settings import Settings
from supervisor import banner
from supervisor.readiness import Probe


def run(settings: Settings) -> int:
    """0 when it answers, 1 when not."""
    probe = Probe((settings.bind, settings.port), settings.tls_cert_file)
    trouble = asyncio.run(probe.trouble())
    if trouble is None:
        banner.show("ok")
        return 0
    banner.complain(f"不健康 / unhealthy: {trouble}")
    return 1
