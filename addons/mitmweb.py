"""`python -m addons.mitmweb`: mitmproxy's own web page, over copies of what the proxies finished.

A process of its own without a proxy in it: whatever is done there reaches no live flow. Of
mitmproxy's addons only those stay that a viewer needs; mitmweb's password would else be as good as
a shell, since its page can load scripts, write files and send requests.
"""

import asyncio
import logging
import signal
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import cast

from argon2 import PasswordHasher
from mitmproxy import options
from mitmproxy.addons import comment, core, export, proxyserver
from mitmproxy.flow import Flow
from mitmproxy.io import tnetstring
from mitmproxy.tools.web.master import WebMaster

from addons.__main__ import LOG_FORMAT
from core.flow_frames import GREETING_SIZE, LENGTH_SIZE, is_greeting, length_in
from core.settings import EX_CONFIG, Settings, SettingsError, load_settings, load_wiring

log = logging.getLogger(__name__)

MOST_FLOWS = 500
MOST_BYTES = 128 * 2**20
"""As they came; in memory they are a little more."""
_NOT_NEEDED = ("intercept", "readfilestdin", "staticviewer", "proxyserver")
"""What mitmweb brings along, and would listen, read and write with."""
_COMMANDS = ("export", "export.formats", "flow.mark", "flow.mark.toggle", "flow.comment")


class Viewer:
    """The page, and the flows on it."""

    def __init__(self, address: tuple[str, int], password: str) -> None:
        self.master = _viewing_master()
        host, port = address
        is_hash = password.startswith("$argon2")
        self.master.options.update(
            server=False,
            web_host=host,
            web_port=port,
            web_password=password if is_hash else PasswordHasher().hash(password),
            web_open_browser=False,
        )
        self._shown: deque[tuple[Flow, int]] = deque()
        self._size = 0

    def show(self, data: bytes) -> None:
        """One more flow, in mitmproxy's format; the oldest make room."""
        flow = Flow.from_state(cast("dict[str, object]", tnetstring.loads(data)))
        self._shown.append((flow, len(data)))
        self._size += len(data)
        self.master.view.add([flow])
        while len(self._shown) > MOST_FLOWS or self._size > MOST_BYTES:
            oldest, size = self._shown.popleft()
            self._size -= size
            self.master.view.remove([oldest])


def _viewing_master() -> WebMaster:
    """Mitmweb without all that acts."""
    theirs = import_module("mitmproxy.addons")
    theirs.default_addons = lambda: [  # type: ignore[attr-defined]
        core.Core(),
        export.Export(),
        comment.Comment(),
        proxyserver.Proxyserver(),  # the page asks it for its listeners, of which there are none
    ]
    master = WebMaster(options.Options(), with_termlog=False)
    for name in _NOT_NEEDED:
        master.addons.remove(master.addons.get(name))
    commands = master.commands.commands
    for name in commands.keys() - set(_COMMANDS):
        del commands[name]
    return master


async def hear(
    show: Callable[[bytes], None],
    secret: str,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """One proxy's copies, until it leaves; nobody else is heard."""
    try:
        if not is_greeting(await reader.readexactly(GREETING_SIZE), secret):
            log.warning("somebody who is none of the proxies was turned away")
            return
        while True:
            length = length_in(await reader.readexactly(LENGTH_SIZE))
            show(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, OSError):
        pass
    except ValueError as error:
        log.error("a copy could not be read: %s", type(error).__name__)  # noqa: TRY400
    finally:
        writer.close()


async def serve(settings: Settings, address: tuple[str, int], secret: str) -> None:
    """Until told to stop."""
    assert settings.mitmweb_password
    viewer = Viewer(settings.mitmweb_bind, settings.mitmweb_password)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, viewer.master.shutdown)
    server = await asyncio.start_server(partial(hear, viewer.show, secret), *address)
    await viewer.master.run()
    server.close()  # and nobody waits until the proxies have left


def main() -> int:
    """Run until told to stop; the exit status."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    for theirs in ("mitmproxy", "tornado"):
        logging.getLogger(theirs).setLevel(logging.WARNING)
    try:
        settings, wiring = load_settings(), load_wiring()
    except SettingsError as error:
        for problem in error.problems:
            log.error(problem)  # noqa: TRY400 - a trace says nothing about a setting
        return EX_CONFIG
    assert wiring.flow_listen
    asyncio.run(serve(settings, wiring.flow_listen, wiring.secret))
    return 0


if __name__ == "__main__":
    sys.exit(main())
