"""Locks on the data folder that end with the process that holds them, however it ends."""

import errno
import fcntl
import os
from pathlib import Path

from tocsin.errors import EmbeddedStoreError


class FolderLock:
    """An exclusive flock on one file.

    It belongs to the open file, not to the process: a child that inherits `fileno` holds it too, until the last of
    both is gone.
    """

    def __init__(self, path: Path) -> None:
        """Open `path`, making it if need be, readable by its owner only.

        Raises:
            OSError: if that can't be done.
        """
        self.path = path
        self._fd: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @property
    def fileno(self) -> int:
        """The descriptor to inherit.

        Raises:
            ValueError: after `close`.
        """
        if self._fd is None:
            raise ValueError(f"the lock {self.path} is closed")
        return self._fd

    def acquire(self) -> bool:
        """Take the lock now, or say False if another process has it.

        Raises:
            EmbeddedStoreError: if the file system knows no locks.
        """
        try:
            fcntl.flock(self.fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            raise EmbeddedStoreError(
                f"the file system of {self.path.parent} can't lock files ({error.strerror}); put the data folder "
                "(TOCSIN_DATA) on a local disk"
            ) from error
        return True

    def write_owner(self) -> None:
        """Note who holds the lock."""
        os.ftruncate(self.fileno, 0)
        os.pwrite(self.fileno, f"{os.getpid()}\n".encode("ascii"), 0)

    def owner(self) -> str:
        """Who noted himself last, or `unknown`."""
        return os.pread(self.fileno, 32, 0).decode("ascii", "replace").strip() or "unknown"

    def close(self) -> None:
        """Let go; the lock ends unless a child has inherited it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
