"""Decides which process of a run listens where, and what each is told about the others."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from core.settings import Settings
from core.wiring import Wiring
from supervisor.listeners import Address, free_ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The addresses of one run."""

    secret: str = field(repr=False)
    public: Address
    admin: Address
    sidecar: Address
    internal: Address
    """Where the sidecar calls Grok: a proxy, or the front when there are several proxies."""
    proxies: tuple[Address, ...]
    internals: tuple[Address, ...]
    behind_front: bool
    flows: Path | None = None
    """Where the proxies bring copies of finished flows, if developers are to see them."""

    def wiring(self, proxy: int, internal: Address) -> Wiring:
        """What a child is told."""
        return Wiring(
            secret=self.secret,
            proxy_listen=self.proxies[proxy],
            internal_listen=internal,
            sidecar_listen=self.sidecar,
            behind_front=self.behind_front,
            flow_socket=self.flows,
        )

    def of_proxy(self, number: int) -> Wiring:
        """For the proxy of this number."""
        return self.wiring(number, self.internals[number])

    def of_sidecar(self) -> Wiring:
        """For the sidecar."""
        return self.wiring(0, self.internal)


def plan_layout(settings: Settings, *, behind_front: bool, folder: Path | None = None) -> Layout:
    """Free loopback ports for everything that is not public; only a front can share its port.
    `folder` is this run's own, where nobody else can put anything."""
    count = settings.proxy_workers if behind_front else 1
    sidecar, shared, *rest = free_ports(2 + 2 * count)
    public = (settings.bind, settings.port)
    internals = tuple(rest[:count])
    return Layout(
        secret=secrets.token_hex(32),
        public=public,
        admin=settings.admin_bind,
        sidecar=sidecar,
        internal=shared if count > 1 else internals[0],
        proxies=tuple(rest[count:]) if behind_front else (public,),
        internals=internals,
        behind_front=behind_front,
        flows=folder / "flows.sock" if folder and settings.mitmweb_password else None,
    )
