"""The YAML files of a folder, read whole before any is used; and one of them written whole or not at all."""

import codecs
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from tocsin.errors import ConfigError
from tocsin.rulebook.faults import Fault

MAX_BYTES = 1024 * 1024
"""A rules file of a thousand watches has 200 kB."""
ENDINGS = (".yaml", ".yml")


def read(path: Path) -> tuple[dict[str, str], list[Fault]]:
    """Read one file, or every `*.yaml` and `*.yml` of a folder in order of name (hidden ones aside).

    Returns texts by file name as it is shown to people, and a fault for each file that can't be read.
    """
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    try:
        files = yaml_files(path)
    except FileNotFoundError:
        message = (
            "there is no such file or folder; make it, or name another (the argument of `tocsin run`, or TOCSIN_RULES)"
        )
        return {}, [Fault(file=str(path), message=message)]
    except OSError as error:
        return {}, [Fault(file=str(path), message=f"this folder can't be read: {_why(error)}")]
    if not files:
        message = "no file here ends in .yaml or .yml; write one with `watch:` and `feeds:` in it"
        return {}, [Fault(file=str(path), message=message)]
    for file in files:
        text = _text(file)
        if isinstance(text, Fault):
            faults.append(text)
        else:
            texts[str(file)] = text
    return texts, faults


def yaml_files(path: Path) -> list[Path]:
    """The files of the folder `path` that hold rules, in order of name; `path` itself if it is a file.

    Raises:
        OSError: it isn't there, or can't be listed.
    """
    if not stat.S_ISDIR(path.stat().st_mode):
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in ENDINGS and not file.name.startswith("."))


def write(file: Path, text: str) -> None:
    """Put `text` in the place of `file` at once, so that nobody ever reads half of it; its mode stays.

    Raises:
        ConfigError: it can't be written; it is as it was.
    """
    target, mark = file.resolve(), b""
    try:
        mode = None
        if target.exists():
            mode = stat.S_IMODE(target.stat().st_mode)
            with target.open("rb") as old:
                mark = old.read(len(codecs.BOM_UTF8))
        # Hidden, and with another ending: whoever reads the folder meanwhile passes it over.
        handle, made = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write((codecs.BOM_UTF8 if mark == codecs.BOM_UTF8 else b"") + text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            Path(made).chmod(mode if mode is not None else 0o666 & ~_umask())
            Path(made).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(made).unlink()
            raise
    except OSError as error:
        raise ConfigError(f"{file} can't be written: {_why(error)}; nothing was changed") from None


def _umask() -> int:
    """What the process takes from the rights of new files; it can only be read by setting it."""
    umask = os.umask(0o022)
    os.umask(umask)
    return umask


def _text(file: Path) -> str | Fault:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return Fault(file=str(file), message="this is not a file (a folder, a pipe or a device); move or rename it")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return Fault(file=str(file), message=f"this file can't be read: {_why(error)}")
    if len(data) > MAX_BYTES:
        return Fault(file=str(file), message=f"this file is larger than {MAX_BYTES:,} bytes; split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        return Fault(file=str(file), line=line, column=column, message="this is not UTF-8 text; save the file as UTF-8")


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
