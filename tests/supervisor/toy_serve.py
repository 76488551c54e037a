"""serve.py with fake children in place of proxy and sidecar; everything else is real."""

import dataclasses
import sys
from pathlib import Path

import serve
from supervisor import serving
from supervisor.cast_list import proxy_specs, sidecar_spec

FAKE_CHILD = Path(__file__).with_name("fake_child.py")


def faked(spec):
    port = str(spec.ready.address[1])
    return dataclasses.replace(spec, argv=(sys.executable, str(FAKE_CHILD), "--port", port))


if __name__ == "__main__":
    serving.proxy_specs = lambda *args: [faked(spec) for spec in proxy_specs(*args)]
    serving.sidecar_spec = lambda *args: faked(sidecar_spec(*args))
    sys.exit(serve.main(sys.argv[1:]))
