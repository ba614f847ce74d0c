"""What the embedded store's server says of itself, and what it means for the operator."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

_MOST_BYTES = 1_000_000
_TAIL_BYTES = 20_000

_DAMAGED = re.compile(
    r"(?:Bad file format reading|Unexpected end of file reading|Unrecoverable error reading|Error reading)[^\n]*?"
    r"append only file (?P<file>[^\s:]+)"
)
_MANIFEST = re.compile(r"Invalid AOF manifest|AOF manifest file|AOF file manifest", re.IGNORECASE)
_FOREIGN = re.compile(r"Can't handle RDB format version|Unknown command '[^']*' reading the append only file")
_FULL = re.compile(r"No space left on device|Disk quota exceeded")


class ServerLog:
    """One file, and the one before it once it has grown beyond 1 MB."""

    def __init__(self, path: Path) -> None:
        """Touches nothing yet."""
        self.path = path
        self._begun_at = 0

    @contextlib.contextmanager
    def opened(self) -> Iterator[int]:
        """The descriptor for a server that starts now to write to.

        Raises:
            OSError: if the file can't be written.
        """
        with contextlib.suppress(FileNotFoundError):
            if self.path.stat().st_size > _MOST_BYTES:
                self.path.replace(self.path.with_suffix(".log.1"))
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._begun_at = os.fstat(fd).st_size
            yield fd
        finally:
            os.close(fd)

    def why(self, binary: Path, folder: Path) -> str:
        """Why the server that was started last gave up, with what to do about it."""
        text = self._last_words()
        files = folder / "appendonlydir"
        damaged = _DAMAGED.search(text)
        if damaged or _MANIFEST.search(text):
            # The same program repairs its file when called by another name; the package ships no second one.
            checker = binary.name.replace("-server", "-check-aof")
            return (
                f"its file {files / damaged['file'] if damaged else files} is damaged; keep a copy of {files}, then "
                f"repair it with `bash -c 'exec -a {checker} {binary} --fix {files}/appendonly.aof.manifest'` (what "
                "stands after the damage is lost), or move it away to begin anew"
            )
        if _FULL.search(text):
            return f"the disk of {folder} is full"
        if _FOREIGN.search(text):
            return f"its files in {files} were written by a newer server than {binary}; start it with that one"
        lines = [line for line in text.splitlines() if line.strip()]
        return f"{lines[-1].strip() if lines else 'it said nothing'} (see {self.path})"

    def _last_words(self) -> str:
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(self._begun_at, size - _TAIL_BYTES))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""
