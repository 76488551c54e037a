"""`python -m addons.mitmweb`: mitmproxy's own web page, over copies of what the proxies finished.

A process of its own without a proxy in it: whatever is done there reaches no live flow. Of
mitmproxy's addons only those stay that a viewer needs; mitmweb's password would else be as good as
a shell, since its page can load scripts, write files and send requests.
"""

import asyncio
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from argon2 import PasswordHasher
from mitmproxy import options
from mitmproxy.addons import comment, core, export, proxyserver
from mitmproxy.flow import Flow
from mitmproxy.io import tnetstring
from mitmproxy.tools.web import app
from mitmproxy.tools.web.master import WebMaster
from tornado.httpserver import HTTPServer

from addons.__main__ import LOG_FORMAT
from core.flow_frames import LENGTH_SIZE, length_in
from core.settings import EX_CONFIG, Settings, SettingsError, load_settings, load_wiring

log = logging.getLogger(__name__)

MOST_FLOWS = 500
MOST_BYTES = 128 * 2**20
"""As they came; in memory they are a little more."""
_LARGEST_REQUEST = 2**20
"""mitmweb would take in 4 GB from anybody before it asks for the password."""
_MAY_BE_SET = ("view_", "web_columns")
_NOT_NEEDED = ("intercept", "readfilestdin", "staticviewer", "proxyserver")
"""What mitmweb brings along, and would listen, read and write with."""
_COMMANDS = ("export", "export.formats", "flow.mark", "flow.mark.toggle", "flow.comment")


class Viewer:
    """The page, and the flows on it."""

    def __init__(self, address: tuple[str, int], password: str) -> None:
        self.master = _viewing_master()
        host, port = address
        self.master.options.update(
            server=False,
            web_host=host,
            web_port=port,
            web_password=PasswordHasher().hash(password),
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


class _Master(WebMaster):
    async def running(self) -> None:
        server = HTTPServer(self.app, max_body_size=_LARGEST_REQUEST)
        server.listen(self.options.web_port, self.options.web_host)
        await super(WebMaster, self).running()


def _viewing_master() -> WebMaster:
    """Mitmweb without all that acts."""
    theirs = import_module("mitmproxy.addons")
    theirs.default_addons = lambda: [  # type: ignore[attr-defined]
        core.Core(),
        export.Export(),
        comment.Comment(),
        proxyserver.Proxyserver(),  # the page asks it for its listeners, of which there are none
    ]
    master = _Master(options.Options(), with_termlog=False)
    for name in _NOT_NEEDED:
        master.addons.remove(master.addons.get(name))
    commands = master.commands.commands
    for name in commands.keys() - set(_COMMANDS):
        del commands[name]
    app.Options.put = _set_options  # type: ignore[method-assign]
    for handler in (app.ProcessList, app.ProcessImage):
        handler.get = _refuse  # type: ignore[method-assign]
    return master


def _set_options(request: Any) -> None:  # noqa: ANN401  tornado's handler
    """What the page looks like, and nothing else: some options name files."""
    if not all(name.startswith(_MAY_BE_SET) for name in request.json):
        _refuse(request)
    request.master.options.update(**request.json)


def _refuse(_: Any) -> None:  # noqa: ANN401
    raise app.APIError(403, "not offered here")


async def hear(
    show: Callable[[bytes], None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One proxy's copies, until it leaves."""
    try:
        while True:
            length = length_in(await reader.readexactly(LENGTH_SIZE))
            copy = await reader.readexactly(length)
            try:
                show(copy)
            except (ValueError, KeyError, TypeError) as error:
                log.error("a copy could not be read: %s", type(error).__name__)  # noqa: TRY400
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def serve(settings: Settings, socket: Path) -> None:
    """Until told to stop. Raises OSError when it cannot listen."""
    assert settings.mitmweb_password
    viewer = Viewer(settings.mitmweb_bind, settings.mitmweb_password)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, viewer.master.shutdown)
    os.umask(0o077)  # nobody else may tell us anything
    server = await asyncio.start_unix_server(partial(hear, viewer.show), socket)
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
    assert wiring.flow_socket
    try:
        asyncio.run(serve(settings, wiring.flow_socket))
    except OSError as error:
        log.error("cannot listen: %s", error)  # noqa: TRY400
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
