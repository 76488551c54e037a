"""A child as the supervisor meets them: healthy, crashing, deaf to signals, slow to stop."""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--exit", type=int)
    parser.add_argument("--deaf", action="store_true")
    parser.add_argument("--drain", type=float, default=0)
    parser.add_argument("--grandchild", action="store_true")
    asked = parser.parse_args()
    say("my secret is", os.environ.get("MIRROR_BOOT_SECRET"))
    if asked.exit is not None:
        sys.exit(asked.exit)
    if asked.grandchild:
        say("grandchild", subprocess.Popen(["sleep", "600"]).pid)
    server = ThreadingHTTPServer(("127.0.0.1", asked.port), Handler)
    listen_to_signals(asked, server)
    server.serve_forever()
    say("drained" if asked.drain else "stopped")


def listen_to_signals(asked, server):
    def stop(*_args):
        threading.Thread(target=lambda: (time.sleep(asked.drain), server.shutdown())).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN if asked.deaf else stop)
    signal.signal(signal.SIGHUP, lambda *_: say("reloaded"))


def say(*words):
    print(*words, flush=True)


if __name__ == "__main__":
    main()
