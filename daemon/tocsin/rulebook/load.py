"""The rules folder, read, merged, checked and typed; every fault of every file is told at once.

Laws:
1. Nothing is used before everything is checked: `load` returns a whole rulebook or raises.
2. The user's `events` are laid over the shipped ones, kind by kind; without `rules` of his own, the shipped apply, and
   without `feeds` the shipped searches (`query: auto`), so that whoever only lists companies hears of them.
3. Without receivers there is the console; without routes every receiver gets everything (`deliver/routing.py`).
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter

from tocsin import plugins as installed_plugins
from tocsin.collect.entrance import EntranceError, entrance
from tocsin.collect.feeds import feeds_of
from tocsin.model import NO_EVENT
from tocsin.plugins import Plugins
from tocsin.ports import Search
from tocsin.rulebook import files, shipped, when
from tocsin.rulebook.faults import Fault, RulebookError, listed, suggestion
from tocsin.rulebook.merge import Entry, Sections, merge
from tocsin.rulebook.schema import AUTO, EventKind, FeedSpec, Health, Receiver, Route, Rule, Rulebook, Us, Watch
from tocsin.rulebook.vocabulary import ROLES, Vocabulary
from tocsin.rulebook.words import Path, check

CONSOLE = "console"
"""The receiver, and its kind, when the user names none."""

_KIND = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RECEIVER = re.compile(r"\w[\w.-]{0,59}")

M = TypeVar("M", bound=BaseModel)

_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    model: TypeAdapter(model) for model in (Us, Health, Watch, FeedSpec, EventKind, Rule, Route)
}


def load(path: FilePath, plugins: Plugins | None = None, *, environ: Mapping[str, str] | None = None) -> Rulebook:
    """Load a folder of YAML files, or one file; with `environ`, see that it has every secret that a feed names.

    Raises:
        RulebookError: with every fault of every file.
        ConfigError: a plugin of another distribution is broken.
    """
    texts, faults = files.read(path)
    defaults, broken = _shipped()
    return _load(texts, defaults, [*faults, *broken], str(path), plugins=plugins, environ=environ)


def load_texts(
    texts: Mapping[str, str],
    *,
    defaults: Mapping[str, str] | None = None,
    plugins: Plugins | None = None,
    environ: Mapping[str, str] | None = None,
) -> Rulebook:
    """Load texts by file name, as `load` does files; `defaults` stands for the shipped folder (by file name).

    Raises:
        RulebookError: with every fault of every text.
        ConfigError: a plugin of another distribution is broken.
    """
    broken: list[Fault] = []
    if defaults is None:
        defaults, broken = _shipped()
    return _load(texts, defaults, broken, next(iter(texts), "rules"), plugins=plugins, environ=environ)


def _shipped() -> tuple[dict[str, str], list[Fault]]:
    texts, faults = files.read(shipped.folder())
    return {FilePath(name).name: text for name, text in texts.items()}, faults


def _load(
    texts: Mapping[str, str],
    defaults: Mapping[str, str],
    faults: list[Fault],
    where: str,
    *,
    plugins: Plugins | None,
    environ: Mapping[str, str] | None,
) -> Rulebook:
    sections = merge(texts)
    ours = merge({name: text for name, text in defaults.items() if name in shipped.FILES})
    checker = _Checker(sections, ours, plugins or installed_plugins.installed(), environ)
    rulebook = checker.rulebook()
    found = [*faults, *sections.faults, *ours.faults, *checker.faults]
    if not found and not rulebook.watch:
        message = "no company is watched; write `watch:` with at least `- {name: ..., role: vendor}` under it"
        found.append(Fault(file=where, message=message))
    if found:
        raise RulebookError(found)
    return rulebook


def unnamed() -> list[dict[str, Any]]:
    """What is asked where no feeds are named, as it would be written."""
    return [entry.data for entry in _searches(merge(_shipped()[0]))]


def _searches(ours: Sections) -> list[Entry]:
    """The searches among the shipped feeds; the others are an example's."""
    return [entry for entry in ours.of("feeds") if entry.get("query") == AUTO]


class _Checker:
    """One pass over all sections. A rulebook with faults comes out incomplete, and is thrown away."""

    def __init__(self, sections: Sections, ours: Sections, plugins: Plugins, environ: Mapping[str, str] | None) -> None:
        self._environ = environ
        self._sections = sections
        self._ours = ours
        self._plugins = plugins
        self.faults: list[Fault] = []
        self._words = Vocabulary(
            watches=frozenset(_texts(entry.get("name") for entry in sections.of("watch"))),
            roles=frozenset([*ROLES, *_texts(entry.get("role") for entry in sections.of("watch"))]),
            events=frozenset([NO_EVENT, *(entry.key for part in (ours, sections) for entry in part.of("events"))]),
            receivers=frozenset(entry.key for entry in sections.of("receivers")) or frozenset([CONSOLE]),
            sources=frozenset(plugins.sources),
            searches=frozenset(name for name, source in plugins.sources.items() if isinstance(source, Search)),
        )

    def rulebook(self) -> Rulebook:
        """Check everything; what is at fault is left out and told in `faults`."""
        of = self._sections.of
        own_rules = "rules" in self._sections.entries
        us, health = self._all(Us, of("us")), self._all(Health, of("health"))
        watch = self._all(Watch, self._twice("watch", of("watch"), lambda entry: entry.get("name")))
        return Rulebook(
            us=us[0] if us else None,
            health=health[0] if health else None,
            watch=watch,
            feeds=self._feeds(watch),
            feeds_shipped="feeds" not in self._sections.entries,
            events=self._events(),
            rules=self._rules(of("rules") if own_rules else self._ours.of("rules")),
            receivers=self._receivers() or (Receiver(name=CONSOLE, kind=CONSOLE, settings=self._settings(CONSOLE)),),
            routes=self._all(Route, of("routes")),
        )

    def _all(self, model: type[M], entries: Iterable[Entry]) -> tuple[M, ...]:
        checked = [self._one(model, entry, entry.data) for entry in entries]
        return tuple(value for value in checked if value is not None)

    def _one(self, model: type[M], entry: Entry, data: Any) -> M | None:
        value, complaints = check(_ADAPTERS[model], data, self._words)
        self.faults.extend(entry.faults(complaints))
        return cast("M | None", value)

    def _twice(self, what: str, entries: Iterable[Entry], key: Callable[[Entry], Any]) -> list[Entry]:
        """The entries. Each whose key an earlier one has is a fault that names both places."""
        entries, first = list(entries), dict[str, Entry]()
        for entry in entries:
            name = key(entry)
            if isinstance(name, str) and (earlier := first.setdefault(name.strip().casefold(), entry)) is not entry:
                message = f"the {what} `{name}` is given twice, first at {earlier.place()}; keep one, or rename one"
                self.faults.append(entry.fault((), message))
        return entries

    def _feeds(self, watches: Sequence[Watch]) -> tuple[FeedSpec, ...]:
        names: dict[str, str] = {}
        first: dict[tuple[str | None, ...], Entry] = {}
        feeds = []
        for entry in self._sections.of("feeds") if "feeds" in self._sections.entries else _searches(self._ours):
            feed = self._one(FeedSpec, entry, entry.data)
            if feed is None:
                url, name = entry.get("url") or entry.data, entry.get("name")
                if isinstance(url, str):  # known to the rules all the same, so that one slip is one fault
                    names[url] = name if isinstance(name, str) else url
                continue
            feed = self._let_in(entry, feed)
            names.update((each.url, each.name) for each in feeds_of(feed, watches, self._plugins.sources))
            language = feed.lang if feed.query else None
            earlier = first.setdefault((feed.source, feed.url, feed.query, language), entry)
            if earlier is not entry:  # a URL may hold a key, so it is not shown
                self.faults.append(entry.fault((), f"this feed is given twice, first at {earlier.place()}; keep one"))
            feeds.append(feed)
        self._words = dataclasses.replace(self._words, feeds=names)
        return tuple(feeds)

    def _let_in(self, entry: Entry, feed: FeedSpec) -> FeedSpec:
        """The feed with the place of its authorities made whole: it is meant from the file in which it is written."""
        if feed.ca is not None:
            feed = feed.model_copy(update={"ca": str(FilePath(entry.file).parent / feed.ca)})
        if self._environ is not None:
            try:
                entrance(feed, feed.url or "https://search.example", self._environ)
            except EntranceError as error:
                self.faults.append(entry.fault(error.path, str(error)))
        return feed

    def _events(self) -> dict[str, EventKind]:
        events: dict[str, EventKind] = {}
        for entry in self._ours.of("events"):
            events.update(self._event(entry, entry.data))
        given: dict[str, Entry] = {}
        for entry in self._sections.of("events"):
            data, known = entry.data, events.get(entry.key)
            if isinstance(data, dict) and "about" not in data and known is not None:
                events.update(self._event(entry, data | {"about": known.about}, known.examples))
                continue
            earlier = given.setdefault(entry.key, entry)
            if earlier is not entry:
                message = (
                    f"the event kind `{entry.key}` is described twice, first at {earlier.place()}; keep one `about`"
                )
                self.faults.append(entry.fault((), message, on_key=True))
            events.update(self._event(entry, data))
        return events

    def _event(self, entry: Entry, data: Any, examples: tuple[str, ...] = ()) -> dict[str, EventKind]:
        if not _KIND.fullmatch(entry.key):
            message = f"`{entry.key[:80]}` can't be an event kind; name it in small letters, like customer_loss"
            self.faults.append(entry.fault((), message, on_key=True))
        kind = self._one(EventKind, entry, data)
        return {} if kind is None else {entry.key: kind.model_copy(update={"examples": (*examples, *kind.examples)})}

    def _rules(self, entries: list[Entry]) -> tuple[Rule, ...]:
        rules = [self._rule(entry) for entry in self._twice("rule", entries, lambda entry: entry.get("name"))]
        return tuple(rule for rule in rules if rule is not None)

    def _rule(self, entry: Entry) -> Rule | None:
        data = entry.data
        if isinstance(data, dict):
            data = self._grown(entry, data, ("when",))
            if isinstance(data.get("raise"), dict):
                data["raise"] = self._grown(entry, data["raise"], ("raise", "when"))
            if "severity" not in data and not data.get("suppress"):
                self.faults.append(entry.fault((), "a rule needs `severity: ...` or `suppress: true`"))
            if "severity" in data and data.get("suppress"):
                self.faults.append(
                    entry.fault(("suppress",), "a rule that silences has no severity; keep one of the two")
                )
        rule = self._one(Rule, entry, data)
        if rule is None or rule.raise_ is None:
            return rule
        if rule.severity is None:
            self.faults.append(entry.fault(("raise",), "there is no severity to raise; give the rule a `severity`"))
        elif rule.raise_.to <= rule.severity:
            message = f"`raise` goes from {rule.severity.value} to {rule.raise_.to.value}, which is not higher"
            self.faults.append(entry.fault(("raise", "to"), message))
        return rule

    def _grown(self, entry: Entry, data: dict[str, Any], path: Path) -> dict[str, Any]:
        """A copy of `data` in which the tree of conditions under `when` stands in place of what was written."""
        if "when" not in data:
            return dict(data)
        tree, complaints = when.build(data["when"], self._plugins.conditions, self._words, under=path)
        self.faults.extend(entry.faults(complaints))
        return data | {"when": tree}

    def _receivers(self) -> tuple[Receiver, ...]:
        entries = self._twice("receiver", self._sections.of("receivers"), lambda entry: entry.key)
        return tuple(receiver for entry in entries if (receiver := self._receiver(entry)) is not None)

    def _receiver(self, entry: Entry) -> Receiver | None:
        if not _RECEIVER.fullmatch(entry.key):
            message = f"`{entry.key[:80]}` can't be a receiver's name; use letters, digits, `-`, `_` and `.`"
            self.faults.append(entry.fault((), message, on_key=True))
        kinds = self._plugins.notifiers
        if not isinstance(entry.data, dict) or len(entry.data) != 1:
            message = (
                f'a receiver is one of {listed(sorted(kinds))} with its settings, like {{slack: {{channel: "#x"}}}}'
            )
            self.faults.append(entry.fault((), message))
            return None
        kind, written = next(iter(entry.data.items()))
        if kind not in kinds:
            hint = suggestion(kind, kinds) or f"; there is {listed(sorted(kinds), 'and')}"
            self.faults.append(entry.fault((kind,), f"unknown kind of receiver `{kind}`{hint}", on_key=True))
            return None
        settings, complaints = check(
            _settings_of(kinds[kind].Settings), {} if written is None else written, under=(kind,)
        )
        self.faults.extend(entry.faults(complaints))
        return Receiver(name=entry.key, kind=kind, settings=settings)

    def _settings(self, kind: str) -> BaseModel | None:
        notifier = self._plugins.notifiers.get(kind)
        return None if notifier is None else notifier.Settings()


@functools.lru_cache(maxsize=64)
def _settings_of(model: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _texts(values: Iterable[Any]) -> list[str]:
    return [value.strip() for value in values if isinstance(value, str)]
