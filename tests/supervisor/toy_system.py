"""The supervisor over fake children, as a process of its own: `toy_system.py JSON`."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from supervisor.children import ChildSpec
from supervisor.log_lines import LogLines
from supervisor.readiness import Probe
from supervisor.redaction import Redactor
from supervisor.supervising import Supervisor

FAKE_CHILD = Path(__file__).with_name("fake_child.py")


def spec(name, args, port=None, stage=0, grace=5.0, program=sys.executable):
    wanted = [*args, "--port", str(port)] if port else args
    return ChildSpec(
        name=name,
        argv=(program, str(FAKE_CHILD), *wanted),
        env=dict(os.environ),
        ready=Probe(("127.0.0.1", port)) if port else None,
        stop_stage=stage,
        grace=grace,
        reload_signal=signal.SIGHUP,
    )


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main():
    redactor = Redactor([os.environ.get("MIRROR_BOOT_SECRET", "")])
    specs = [spec(**wanted) for wanted in json.loads(sys.argv[1])]
    supervisor = Supervisor(specs, lambda name: LogLines(name, redactor, say))
    return await supervisor.run(lambda: say("READY"))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
