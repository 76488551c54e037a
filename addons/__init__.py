"""The proxy process: mitmproxy hooks, one duty a file; `main.py` lists the chain in order."""

import sys
from importlib.util import find_spec, module_from_spec

# The package of mitmproxy's own addons imports all of them, of which we need six: it would cost
# every process half a second and 13 MB. Registered without being run it still finds its modules.
if "mitmproxy.addons" not in sys.modules and (_spec := find_spec("mitmproxy.addons")):
    sys.modules["mitmproxy.addons"] = module_from_spec(_spec)
