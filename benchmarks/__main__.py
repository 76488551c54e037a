"""`make bench`: one table, ours beside each baseline on the same work, in interleaved rounds.

Machines are shared and noisy, so what counts is CPU time from /proc and ratios within this run.
Prints Markdown; `--json FILE` keeps the numbers, `--quick` does a tenth of the work.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import chat_api, choosing, load, machine, subjects
from benchmarks.machine import Load
from benchmarks.subjects import Subject

ROUNDS = 5
WORK = {
    "small JSON": ("main", "/small", 800, 8),
    "200 kB script, rewritten": ("cdn", "/200kB", 240, 8),
    "5 MB script, rewritten": ("cdn", "/5MB", 24, 4),
}
STREAMS = (50, 100, 200)


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    share = 10 if given.quick else 1
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        port = stack.enter_context(subjects.upstream(Path(folder)))
        makers = [subjects.ours, subjects.mitmdump] + [subjects.nginx] * subjects.has_nginx()
        measured = [stack.enter_context(make(port, Path(folder))) for make in makers]
        rows = [_work_row(name, measured, share) for name in WORK]
        slower = machine.slowness_of(float(str(rows[0]["mitmdump -q"])))
        tokens = 50 if given.quick else chat_api.TOKENS
        for each in dict.fromkeys((Load(slower), Load())):  # the larger one last
            rows += [_stream_row(streams, measured, tokens, each) for streams in STREAMS]
        rows += choosing.rows(measured[0].name)
        rows += chat_api.rows(port, Path(folder), tokens, slower)
        rows.append({"work": "this machine, times slower than the targets'", "mitmdump -q": slower})
        rows.append({"work": "memory after all of this, MB", **_memory(measured)})
    _print(rows, [subject.name for subject in measured])
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))
    return 0


def _work_row(name: str, measured: list[Subject], share: int) -> dict[str, object]:
    """CPU milliseconds a request: the median of interleaved rounds."""
    host, path, times, connections = WORK[name]
    times = max(times // share, connections)
    used: dict[str, list[float]] = {subject.name: [] for subject in measured}
    for round_number in range(ROUNDS + 1):
        for subject in measured:
            took = load.cpu_ms(subject, subject.request(host, path), times, connections)
            if round_number:  # the first one warms up
                used[subject.name].append(took)
    return {"work": f"{name}, CPU ms", **{n: statistics.median(v) for n, v in used.items()}}


def _stream_row(
    streams: int, measured: list[Subject], tokens: int, given: Load
) -> dict[str, object]:
    """How much later than sent 99 of 100 tokens arrive, with 50 tokens a second per stream."""
    late = {}
    for subject in measured:
        request = subject.request("main", f"/stream?{tokens},{given.gap_ms}")
        delays = asyncio.run(load.listen(subject.port, request, given.waits(streams)))
        if delays.failed:
            raise RuntimeError(f"{subject.name}: {delays.failed} streams ended early")
        late[subject.name] = given.shrunk(delays.percentile(0.99))
    return {"work": f"{streams} token streams, p99 delay ms{given.name}", **late}


def _memory(measured: list[Subject]) -> dict[str, object]:
    return {subject.name: subject.rss_mb() for subject in measured}


def _print(rows: list[dict[str, object]], names: list[str]) -> None:
    lines = [
        "| work | " + " | ".join(names) + " | ours / mitmdump |",
        "|---" * (len(names) + 2) + "|",
    ]
    for row in rows:
        values = [float(str(row.get(name, "nan"))) for name in names]
        ratio = values[0] / values[1] if values[1] else float("nan")
        cells = " | ".join(f"{value:.3g}" for value in values)
        lines.append(f"| {row['work']} | {cells} | {ratio:.2f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
