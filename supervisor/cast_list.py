"""Lists the children of a run: proxies, sidecar and, where it is installed, the front."""

import hashlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from core.api_paths import api_paths
from core.mirror_config import ConfigError, MirrorConfig, parse_config
from core.settings import Settings
from core.wiring import Wiring
from supervisor.children import ChildSpec
from supervisor.front import Nginx, front_environment, worker_user
from supervisor.front_plan import FrontPlan
from supervisor.readiness import Probe
from supervisor.wiring import Layout

ROOT = Path(__file__).parent.parent
MIRROR_CONFIG = ROOT / "mitm_config.yaml"
_SIDECAR_GRACE = 2.0  # streams of the bridge ended with the proxies; docker kills after 30 s


def proxy_specs(settings: Settings, environ: Mapping[str, str], layout: Layout) -> list[ChildSpec]:
    """One child for each proxy."""
    certificate = None if layout.behind_front else settings.tls_cert_file
    return [
        ChildSpec(
            name="proxy" if len(layout.proxies) == 1 else f"proxy-{number + 1}",
            argv=_python("addons"),
            env=_environment(environ, layout.of_proxy(number)),
            ready=Probe(listen, certificate, _as_front(layout)),
            reload_signal=signal.SIGHUP,
        )
        for number, listen in enumerate(layout.proxies)
    ]


def sidecar_spec(environ: Mapping[str, str], layout: Layout) -> ChildSpec:
    """The admin pages, the users' pages and the bridge."""
    return ChildSpec(
        name="sidecar",
        argv=_python("sidecar"),
        env=_environment(environ, layout.of_sidecar()),
        ready=Probe(layout.admin),
        stop_stage=1,
        grace=_SIDECAR_GRACE,
    )


def mitmweb_specs(environ: Mapping[str, str], layout: Layout) -> list[ChildSpec]:
    """What shows developers the proxies' traffic; none unless it was asked for. Nobody waits for
    it."""
    if not layout.flows:
        return []
    return [
        ChildSpec(
            name="mitmweb",
            argv=_python("addons.mitmweb"),
            env=_environment(environ, layout.of_sidecar()),
            stop_stage=1,
            grace=_SIDECAR_GRACE,
        )
    ]


def front_spec(nginx: Nginx, plan: FrontPlan) -> ChildSpec:
    """Drained together with the proxies, so that nobody is let in while they finish."""
    return ChildSpec(
        name="front",
        argv=nginx.argv(plan.runtime_dir),
        env=front_environment(),
        ready=Probe(plan.listen, plan.certificate),
        stop_signal=signal.SIGQUIT,
        fast_signal=signal.SIGTERM,
        death_signal=signal.SIGTERM,  # killed, it would leave its workers behind
    )


def front_plan(settings: Settings, layout: Layout, nginx: Nginx, runtime_dir: Path) -> FrontPlan:
    """What the front does in this run."""
    several = len(layout.proxies) > 1
    config, version = read_mirror_config(MIRROR_CONFIG)
    api = api_paths(settings.mirror_api_prefix, enabled=settings.enable_mirror_api)
    return FrontPlan(
        runtime_dir=runtime_dir,
        cache_dir=runtime_dir / "cache",
        listen=layout.public,
        proxies=layout.proxies,
        secret=layout.secret,
        build=nginx.build,
        bridge=(layout.sidecar,) if api.routes else (),
        bridge_paths=tuple(route.path for route in api.routes),
        cors_origins=settings.api_cors_origins,
        internal_listen=layout.internal if several else None,
        internal_proxies=layout.internals if several else (),
        certificate=_absolute(settings.tls_cert_file),
        certificate_key=_absolute(settings.tls_key_file),
        cached_prefixes=config.static,
        rules_version=version,
        uncounted=tuple(str(network) for network in settings.trusted_proxies),
        worker_user=worker_user(runtime_dir),
        worker_connections=max(min(8192, _open_files() // 2), 64),
    )


def read_mirror_config(path: Path) -> tuple[MirrorConfig, str]:
    """The configuration and a mark that changes with it; raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
        config = parse_config(YAML(typ="safe").load(text))
    except (OSError, YAMLError, UnicodeDecodeError) as problem:
        raise ConfigError([f"{path.name}: {str(problem).splitlines()[0]}"]) from problem
    return config, hashlib.sha256(text.encode()).hexdigest()[:16]


def secrets_of(settings: Settings, boot_secret: str) -> list[str]:
    """What must never stand in a log."""
    egresses = settings.proxy_url_pool
    found = [
        boot_secret,
        settings.admin_password,
        settings.database_url,
        settings.mitmweb_password,
        *settings.authorization,
        *(egress.url for egress in egresses),
        *(egress.password for egress in egresses),
    ]
    return [secret for secret in found if secret]


def _as_front(layout: Layout) -> tuple[str, ...]:
    """A proxy behind the front answers nobody else."""
    if not layout.behind_front:
        return ()
    claims = {"Front": layout.secret, "Peer": "127.0.0.1", "Scheme": "http"}
    return tuple(f"X-Mirror-{name}: {value}" for name, value in claims.items())


def _python(module: str) -> tuple[str, ...]:
    # -P: a file of the working directory must not stand in for a library.
    return (sys.executable, "-P", "-m", module)


def _environment(environ: Mapping[str, str], wiring: Wiring) -> Mapping[str, str]:
    ours = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    return {**environ, **ours, **wiring.to_environ()}


def _absolute(path: Path | None) -> Path | None:
    return path.resolve() if path else None


def _open_files() -> int:
    return os.sysconf("SC_OPEN_MAX")
