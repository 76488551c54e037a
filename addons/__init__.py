"""The proxy process: mitmproxy hooks, one duty a file; `main.py` lists the chain in order."""
