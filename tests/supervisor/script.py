"""A Python script as a process whose lines can be waited for."""

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


class Script:
    def __init__(self, script, *arguments, **environ):
        self.lines = []
        self._news = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environ,
            process_group=0,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._news.put(line.rstrip("\n"))

    def until(self, text, within=15):
        deadline = time.monotonic() + within
        while True:
            line = self._news.get(timeout=max(deadline - time.monotonic(), 0.01))
            self.lines.append(line)
            if text in line:
                return line

    def ended(self, within=15):
        code = self.process.wait(within)
        self._reader.join(5)
        while not self._news.empty():
            self.lines.append(self._news.get())
        return code

    @property
    def text(self):
        return "\n".join(self.lines)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        self.process.stdout.close()


def gone(pid, within=5):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
