"""Prints what the running demonstration takes: time to ready, time to the first alert, and peak RSS of each process.

python -m tests.bench.footprint
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.support.daemon import free_port

PATIENCE = 180.0


def main() -> None:
    """Run `tocsin demo --keep` to the end of its story, measure, and stop it."""
    port = free_port()
    env = {**os.environ, "TOCSIN_HTTP_LISTEN": f"127.0.0.1:{port}", "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "demo", "--keep"], env=env, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    ready = first = None
    for line in demo.stdout:
        if ready is None and "Ready after" in line:
            assert _is_ready(port)
            ready = time.monotonic() - started
        if first is None and "CRITICAL" in line:
            first = time.monotonic() - started
        if "stayed quiet" in line or time.monotonic() - started > PATIENCE:
            break
    rows = [(_name(pid), _peak(pid)) for pid in _tree(demo.pid)]
    demo.send_signal(signal.SIGINT)
    demo.stdout.read()
    code = demo.wait(60)
    _say(f"time to ready           {ready or 0:6.1f} s")
    _say(f"time to the first alert {first or 0:6.1f} s")
    for name, megabytes in rows:
        _say(f"peak RSS {name:14} {megabytes:6.0f} MB")
    _say(f"peak RSS in all         {sum(megabytes for _, megabytes in rows):6.0f} MB (exit code {code})")


def _is_ready(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        return bool(answer.status == 200)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            found += _tree(int(child))
    return found


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    shown = b" ".join(words)
    if b"bounded" in shown:
        return "parser"
    return "store" if b"server" in words[0] else "leash" if b"leash" in shown else "daemon"


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) / 1024 if match else 0.0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
