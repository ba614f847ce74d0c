"""What tells one state of the rules' files from another: names, sizes and times, without reading them."""

from pathlib import Path
from typing import TypeAlias

from tocsin.rulebook.files import yaml_files

Signature: TypeAlias = tuple[tuple[str, int, int], ...]
"""(name, size in bytes, time of modification in ns) of each file, sorted by name."""


def signature(path: Path) -> Signature:
    """The signature of the folder (or file) of rules at `path`; () when it can't be read at the moment."""
    try:
        return tuple((file.name, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in yaml_files(path))
    except OSError:
        return ()  # in the middle of an editor's rename, or gone: the next look, or the loader, will tell
