"""`python -m addons`: one proxy process, started by the supervisor. Exits 78 on bad settings."""

import asyncio
import logging
import signal
import sys
from pathlib import Path

import db
from addons.main import Proxy
from core.mirror_config import ConfigError
from core.settings import EX_CONFIG, SettingsError, load_settings, load_wiring

LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"
CONFIG_PATH = Path(__file__).parent.parent / "mitm_config.yaml"


def main() -> int:
    """Run until told to stop; the exit status."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    logging.getLogger("mitmproxy").setLevel(logging.WARNING)
    log = logging.getLogger("proxy")
    try:
        settings, wiring = load_settings(), load_wiring()
        db.open_database(settings)
        db.sync_env_egresses(settings.proxy_url_pool)
        asyncio.run(_serve(Proxy(settings, wiring, CONFIG_PATH)))
    except (SettingsError, ConfigError) as error:
        for problem in error.problems:
            log.error(problem)  # noqa: TRY400 - a trace says nothing about a setting
        return EX_CONFIG
    except db.CannotOpenError as error:
        log.error(error)  # noqa: TRY400
        return EX_CONFIG
    except KeyboardInterrupt:
        return 0
    return 0


async def _serve(proxy: Proxy) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, proxy.stop)
    loop.add_signal_handler(signal.SIGHUP, proxy.reload)
    await proxy.run()


if __name__ == "__main__":
    sys.exit(main())
