"""Permissions that hold, also where the tests run as root."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

NOBODY = 65534


@contextlib.contextmanager
def nobodys_folder() -> Iterator[Path]:
    """A folder of a user to whom permissions apply, which this process is for as long."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        folder = Path(tempfile.mkdtemp(dir="/tmp"))
        try:
            yield folder
        finally:
            folder.chmod(0o700)
            shutil.rmtree(folder)
    finally:
        if root:
            os.seteuid(0)
