"""What is known of an item before any model has seen it: the names in it, its language, and texts to judge. Pure.

Laws:
1. An item without a watched name, and from no company's own page, costs one pass of the automaton and no model.
2. A text is judged by the heads where they know its language, else by likeness where the encoder does, else by neither.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tocsin.decide.language import language_of
from tocsin.decide.marking import marked_text
from tocsin.decide.masking import lead_text, sentence_text
from tocsin.decide.mentions import Found, Names, Standing
from tocsin.decide.prose import Passage, article_passage, fold, passages
from tocsin.model import Item
from tocsin.rulebook.schema import Rulebook, Watch

US = "us"
"""The role of whoever watches: rules may name it, but news of oneself alone isn't relevant."""

_WORDS = re.compile(r"[^\W_]+")
_OWN_SITE = frozenset(
    (
        *("blog", "changelog", "community", "developers", "engineering", "investor", "investors", "ir", "newsroom"),
        *("press", "status", "statuspage", "trust", "updates", "vendor"),
    )
)
"""Parts of an address that say whose page it is, beside a name: `status.NAME.com`, `NAME-status.example`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """An item before it is read; its `article` is looked through for facts alone.

    `best` is the place of each watch that speaks most for it. `about` is the watch whose own page the item is from.
    `texts` are to be embedded: the masked lead (``""``), and the sentence of each watch that only meaning can settle.
    `marked` are to be judged by the heads, one for each watch. `judged` says that one of them can judge the language.
    """

    item: Item
    title: Passage
    body: Passage
    article: Passage
    found: Mapping[str, tuple[Found, ...]]
    best: Mapping[str, Found]
    language: str
    judged: bool
    about: str | None
    texts: Mapping[str, str]
    marked: Mapping[str, str]

    @property
    def watches(self) -> tuple[str, ...]:
        """The watches to be judged: those named, and the one whose page it is."""
        return (*self.best, self.about) if self.about is not None and self.about not in self.best else (*self.best,)

    @property
    def lead(self) -> str:
        """The masked title and lead, or "" if they aren't embedded."""
        return self.texts.get("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Looks through items with the names of one rulebook.

    `watches` by name; `sites` their squeezed names (`scaleai`) by which their own pages are known; `languages` what the
    encoder can judge (None: any), `heads` what the heads can, and `by_likeness` whether the heads alone don't suffice
    (the rulebook has kinds of its own).
    """

    names: Names
    watches: Mapping[str, Watch]
    roles: Mapping[str, str]
    sites: Mapping[str, str]
    languages: frozenset[str] | None
    heads: frozenset[str]
    by_likeness: bool

    def scan(self, item: Item) -> Scan:
        """Look through `item` once."""
        title, body = passages(item)
        places = self.names.find((title, body))
        found: dict[str, list[Found]] = {}
        for each in places:
            found.setdefault(each.mention.watch, []).append(each)
        best = {watch: max(near, key=lambda place: place.standing) for watch, near in found.items()}
        about = item.about if item.about in self.roles else self._own_site(item)
        wanted = [watch for watch, place in best.items() if place.standing > Standing.NO and self.roles[watch] != US]
        if about is not None and about not in wanted:
            wanted.append(about)
        language = language_of(item.lang, title.text, body.text) if best or about else ""
        by_heads = bool(self.heads) and (not language or language in self.heads)
        by_encoder = not language or self.languages is None or language in self.languages
        texts: dict[str, str] = {}
        marked: dict[str, str] = {}
        if wanted and by_heads:
            ours = [name for name, place in best.items() if self.roles[name] == US and place.standing > Standing.NO]
            for name in (*wanted, *ours):
                watch = self.watches.get(name)
                line = watch.about if watch is not None else None
                marked[name] = marked_text(name, self.roles[name], line, (title, body), places)
        if wanted and by_encoder and (self.by_likeness or not by_heads):
            texts[""] = lead = lead_text(self.names, title, body)
            for name, place in best.items():
                if not by_heads and Standing.NO < place.standing < Standing.SURE:
                    in_title = place.mention.field == "title"
                    texts[name] = lead if in_title else sentence_text(self.names, body, place.sentence)
        return Scan(
            item=item,
            title=title,
            body=body,
            article=article_passage(item),
            found={watch: tuple(near) for watch, near in found.items()},
            best=best,
            language=language,
            judged=by_heads or by_encoder,
            about=about,
            texts=texts,
            marked=marked,
        )

    def _own_site(self, item: Item) -> str | None:
        """The watch on whose own page the item stands, as its address or its outlet says."""
        if not self.sites:
            return None
        for name in (_host_of(item.link).rpartition(".")[0], item.outlet or ""):
            words = _WORDS.findall(fold(name).text)
            rest = "".join(word for word in words if word not in _OWN_SITE)
            if len(rest) < len("".join(words)) and rest in self.sites:
                return self.sites[rest]
        return None


def _host_of(link: str | None) -> str:
    try:
        return urlsplit(link or "").hostname or ""
    except ValueError:  # no address at all, whatever the feed says
        return ""


def roles_of(rulebook: Rulebook) -> dict[str, str]:
    """The role of each company that can be meant, by name: the watches, and whoever watches."""
    roles = {rulebook.us.name: US} if rulebook.us is not None else {}
    return roles | {watch.name: watch.role for watch in rulebook.watch}


def sites_of(watches: Mapping[str, Watch]) -> dict[str, str]:
    """The squeezed names of `watches`, each with the watch that has it alone."""
    owners: dict[str, set[str]] = {}
    for watch in watches.values():
        for name in (watch.name, *watch.aliases):
            owners.setdefault("".join(_WORDS.findall(fold(name).text)), set()).add(watch.name)
    alone = ((site, *sorted(names)) for site, names in owners.items())
    return {site: owner for site, owner, *others in alone if site and not others}
