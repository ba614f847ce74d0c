"""Become another program, one that ends when its parent does: `python leash.py PARENT_PID PROGRAM ARGUMENT...`.

Run as a program of its own and never imported: done between fork and exec of the daemon, which has threads, the same
few lines could deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(parent: int, program: list[str]) -> None:
    """Replace this process by `program`; on Linux it gets SIGTERM when `parent` (the thread that forked us) is gone."""
    if sys.platform == "linux":
        if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
            sys.exit("prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != parent:  # it died before we asked
            sys.exit("the parent is gone")
    os.execv(program[0], program)  # noqa: S606  # no shell is what we want


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
