"""`python -m standin`: serve until SIGTERM or Ctrl-C; one JSON line on stdout says it is ready."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from standin.server import Options, running
from standin.switches import Switches


def address(text: str) -> tuple[str, int]:
    """host:port, IPv6 in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"expected host:port, got {text!r}")
    return host.strip("[]"), int(port)


def parse_options(arguments: list[str]) -> Options:
    """The command line as options."""
    parser = argparse.ArgumentParser(prog="standin", description="A local double of Grok.")
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 9443), metavar="HOST:PORT")
    parser.add_argument("--control", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT")
    parser.add_argument("--state-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", default="standin", help="tokens depend on it and nothing else")
    parser.add_argument("--token-delay-ms", type=float, default=25)
    chosen = parser.parse_args(arguments)
    return Options(
        state_dir=chosen.state_dir,
        listen=chosen.listen,
        control=chosen.control,
        seed=chosen.seed,
        switches=Switches(token_delay_ms=chosen.token_delay_ms),
    )


async def serve(options: Options) -> None:
    """Run until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with running(options) as started:
        sys.stdout.write(json.dumps(started.announcement()) + "\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(parse_options(sys.argv[1:])))
