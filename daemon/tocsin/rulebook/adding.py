"""Feeds put into the rules on disk: into the right file, only if all is well with them, and never twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.errors import ConfigError
from tocsin.rulebook import files
from tocsin.rulebook.editing import CannotEditError, Written, entry_text, with_feeds
from tocsin.rulebook.faults import RulebookError
from tocsin.rulebook.load import load_texts, unnamed
from tocsin.rulebook.merge import Sections, merge

NEW_FILE = "feeds.yaml"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules on disk as they are written: each file's text by its name, what stands in them, and where each feed."""

    path: Path
    texts: Mapping[str, str]
    sections: Sections
    places: Mapping[object, str]

    def standing(self, url: str) -> str | None:
        """Where a feed of that address is written, as `file:line:column`; None if nowhere.

        `http` or `https`, a slash at the end and the case of the host make no other address.
        """
        return self.places.get(place_of(url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A file as it will be, the line at which the first new feed stands in it, and the searches written before that."""

    file: Path
    line: int
    text: str
    searches: tuple[str, ...] = ()

    def write(self) -> None:
        """Write the file.

        Raises:
            ConfigError: it can't be written; nothing was changed.
        """
        files.write(self.file, self.text)

    def __str__(self) -> str:
        """`file:line`, as editors and terminals link it."""
        return f"{self.file}:{self.line}"


def read(path: Path) -> Rules:
    """Read the rules at `path`.

    Raises:
        RulebookError: a file can't be read.
    """
    texts, faults = files.read(path)
    if faults:
        raise RulebookError(faults)
    sections = merge(texts)
    places: dict[object, str] = {}
    for entry in sections.of("feeds"):
        written = entry.get("url") or entry.data
        if isinstance(written, str):
            places.setdefault(place_of(written), entry.place())
    return Rules(path=path, texts=texts, sections=sections, places=places)


def addition(
    rules: Rules,
    entries: Sequence[Mapping[str, Written]],
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Addition:
    """Say what the rules are with `entries` under `feeds:`, in `file` or where the last feed stands. Writes nothing.

    The first feeds of all come behind the searches that were made without any, so that those go on. With `environ`, see
    that it has every secret that a feed names.

    Raises:
        ConfigError: the rules have a fault, or would have one; or the file can't be added to.
    """
    target = _within(rules, file) if file is not None else _where(rules)
    before = rules.texts.get(str(target), "")
    load_texts(rules.texts)
    searches = unnamed() if "feeds" not in rules.sections.entries else []
    entries = [*searches, *entries]
    try:
        text, line = with_feeds(before, entries)
    except CannotEditError as error:
        lines = "\n".join(f"  - {entry_text(entry)}" for entry in entries)
        raise ConfigError(f"{target} stays as it is: {error}; add this to it yourself:\n{lines}") from None
    if len(text.encode()) > files.MAX_BYTES:
        raise ConfigError(f"{target} would be larger than {files.MAX_BYTES:,} bytes; name another with --file")
    try:
        load_texts({**rules.texts, str(target): text}, environ=environ)
    except RulebookError as error:
        raise ConfigError(f"nothing was written; as it would be:\n{error}") from None
    # Where no feeds stood each entry has a line of its own.
    return Addition(file=target, line=line + len(searches), text=text, searches=tuple(map(entry_text, searches)))


def _within(rules: Rules, file: Path) -> Path:
    """The file that a person named, as the rules are read: from their folder."""
    if not rules.path.is_dir():
        if file.resolve() != rules.path.resolve():
            raise ConfigError(f"the rules are the one file {rules.path}, so feeds can't be written to {file}")
        return rules.path
    target = rules.path / file.name
    if file.parent != Path() and file.resolve() != target.resolve():
        raise ConfigError(f"{file} isn't in the folder of the rules, {rules.path}")
    if target.suffix not in files.ENDINGS or target.name.startswith("."):
        raise ConfigError(f"{file} would not be read as rules: its name must end in .yaml or .yml")
    return target


def _where(rules: Rules) -> Path:
    """The file in which the last feed stands; where there is none, the one file, or `NEW_FILE` in the folder."""
    feeds = rules.sections.of("feeds")
    if feeds:
        return Path(feeds[-1].file)
    return rules.path / NEW_FILE if rules.path.is_dir() else rules.path


def place_of(url: str) -> tuple[str, int | None, str, str] | str:
    """What two ways of writing one address have in common."""
    try:
        parts = urlsplit(url.strip())
        port = None if parts.port == _PORTS.get(parts.scheme.lower()) else parts.port
    except ValueError:
        return url
    return ((parts.hostname or "").lower(), port, parts.path.rstrip("/"), parts.query)
