"""What templates are filled with: invented companies and their names, sums, people, places."""

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
_DETAILS = frozenset(
    [
        "sum",
        "bigsum",
        "small",
        "share",
        "majority",
        "pct",
        "n",
        "records",
        "date",
        "cause",
        "data",
        "person",
        "fund",
        "reg",
        "claim",
    ]
)


@cache
def wording(name: str) -> dict[str, Any]:
    """The YAML file `name` of the templates."""
    path = Path(__file__).parent / "templates" / f"{name}.yaml"
    loaded: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An invented company, with what text can say of it."""

    name: str
    short: str  # what it's called for short; the name itself where there's nothing shorter
    style: str  # word, surname, acronym, or coined
    trade: str
    role: str  # vendor, rival, customer; empty: nobody watches it
    kinds: tuple[str, ...]
    services: tuple[str, ...]
    product: str
    ceo: str
    aliases: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def named_in(self, text: str) -> bool:
        """Whether `text` has one of the strings that its watch lists."""
        return any(string in text for string in (self.name, *self.aliases, *self.people))


class Maker:
    """Makes companies, none of which shares a name with a watched one; one a sheet."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._words = wording("words")
        self._taken: set[str] = set(self._words["real"])

    def company(self, trade: str, role: str) -> Company:
        """A company of `trade`; watched if it has a `role`."""
        rng, ways = self._rng, self._words["trades"][trade]
        short, style = self._short()
        if role:
            self._taken.add(short)
        tail, name = rng.choice(ways["tails"]), short
        if rng.random() < (0.3 if style in {"word", "coined"} else 0.5) and style != "acronym":
            name = f"{short} {tail if rng.random() < 0.8 else rng.choice(self._words['legal'])}"
        product = self._product()
        ceo = self.person()
        aliases = [] if name == short else [short]
        if name == short and style == "word" and rng.random() < 0.3:
            aliases.append(f"{short} {tail}")
        if rng.random() < 0.25:
            aliases.append(product)
        return Company(
            name=name,
            short=short,
            style=style,
            trade=trade,
            role=role,
            kinds=tuple(ways["kinds"]),
            services=tuple(ways["services"]),
            product=product,
            ceo=ceo,
            aliases=tuple(aliases),
            people=(ceo,) if rng.random() < 0.55 else (),
        )

    def namesake(self, watched: Company) -> Company:
        """Another firm, in another trade, that shares the name of `watched`."""
        tail, ways = self._rng.choice(list(self._words["strangers"].items()))
        name = f"{watched.short} {tail}"
        return Company(
            name=name,
            short=name,
            style="word",
            trade="",
            role="",
            kinds=tuple(ways["kinds"]),
            services=tuple(ways["services"]),
            product=self._product(),
            ceo=self.person(),
        )

    def person(self) -> str:
        """A first name and a surname."""
        return f"{self._rng.choice(self._words['first_names'])} {self._rng.choice(self._words['surnames'])}"

    def coined(self) -> str:
        """A word that nobody has seen before."""
        rng, parts = self._rng, self._words["syllables"]
        middle = rng.choice(parts["middles"]) if rng.random() < 0.5 else ""
        word: str = rng.choice(parts["heads"]) + middle + rng.choice(parts["tails"])
        return re.sub(r"([aeiou])\1+", r"\1", word)

    def _product(self) -> str:
        rng = self._rng
        first = self.coined()
        return rng.choice(
            (first, f"{first} {rng.randint(2, 9)}", f"{first} {rng.choice(self._words['product_words'])}")
        )

    def _short(self) -> tuple[str, str]:
        rng, words = self._rng, self._words
        while True:
            style = rng.choices(("word", "more", "surname", "acronym", "joined", "coined"), (26, 12, 12, 8, 16, 26))[0]
            if style == "word":
                short: str = rng.choice(words["words"])
            elif style == "more":
                short, style = rng.choice(words["more_words"]), "word"
            elif style == "surname":
                short = rng.choice(words["surnames"])
            elif style == "acronym":
                short = "".join(rng.sample("BDGHJKLMNPQRTVWXZ", rng.choice((3, 4))))
            elif style == "joined":
                short, style = rng.choice(words["joins"]["first"]) + rng.choice(words["joins"]["second"]), "coined"
            else:
                short = self.coined()
            if not any(short in taken or taken in short for taken in self._taken):
                return short, style


class Fills:
    """Fills slots, each with the same throughout a story; remembers which details have been told."""

    def __init__(self, rng: random.Random, maker: Maker, parties: dict[str, Company]) -> None:
        self._rng, self._maker = rng, maker
        self.parties = parties
        self.told: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def fill(self, frame: str) -> str:
        """`frame` with every slot filled, its articles and capitals put right."""
        text = SLOT.sub(self._slot, frame)
        text = re.sub(r"s's\b", "s'", text)
        text = re.sub(r"\b([Aa]) (?=[aeioAEIO])(?!one\b|One\b)", r"\1n ", text)
        text = re.sub(r"\b([Aa])n (?=[^aeiouAEIOU8FHLMNRSX\W]|[€$£])(?!hour)", r"\1 ", text)
        return re.sub(r"(^|[.?!] )([a-z])", lambda found: found[1] + found[2].upper(), text)

    def _slot(self, found: re.Match[str]) -> str:
        name, part = found[1], found[2]
        company = self.parties.get(name)
        if company is None:
            if name not in self._known:
                self._known[name] = self._value(name)
            if name in _DETAILS:
                self.told[name] = self._known[name]
            return self._known[name]
        if part == "kind":
            return self._rng.choice(company.kinds)
        if part == "service":
            return self._known.setdefault(f"{name}.service", self._rng.choice(company.services))
        if part:
            return str(getattr(company, part))
        return company.short if company.short in company.aliases and self._rng.random() < 0.35 else company.name

    def _value(self, name: str) -> str:
        rng, pick = self._rng, self._rng.choice
        slots = wording("words")["slots"]
        if name in slots:
            return str(pick(slots[name]))
        sign = pick("$$$€£")
        numbers = {
            "sum": f"{sign}{pick((rng.randint(120, 980), rng.randint(2, 9) * 100))} million",
            "bigsum": f"{sign}{rng.randint(11, 89) / 10:.1f} billion",
            "small": f"{sign}{pick((rng.randint(5, 95), rng.randint(2, 9) * 10))} {pick(('million', 'mln'))}",
            "tiny": f"{sign}{pick((9, 15, 19, 29, 49, 99, 120, 250))}",
            "price": f"{sign}{rng.randint(500, 9900) / 100:.2f}",
            "pct": f"{pick((5, 6, 7, 9, 12, 14, 15, 16, 20, 22, 25, 30, 35, 40))}{pick((' percent', '%'))}",
            "share": f"{pick((5, 6, 7, 9, 10, 12, 15, 19, 20, 24, 25, 30, 33, 49))}{pick((' percent', '%'))}",
            "majority": f"{rng.choice((51, 55, 60, 62, 66, 70, 75, 90))}{pick((' percent', '%'))}",
            "rate": f"{rng.randint(3, 79) / 10:.1f}{pick((' percent', '%'))}",
            "n": pick((str(rng.randint(4, 95) * 10), f"{rng.randint(1, 4)},{rng.randint(0, 9)}00")),
            "bign": f"{rng.randint(5, 60)},000",
            "records": pick((f"{rng.randint(11, 99) / 10:.1f} million", f"{rng.randint(20, 900)},000")),
            "count": str(rng.randint(20, 990)),
            "year": str(rng.randint(1961, 2019)),
            "date": f"{rng.randint(1, 28)} {pick(slots['month'])}",
            "person": self._maker.person(),
            "spokes": self._maker.person(),
            "F": self._maker.person().split()[0],
        }
        return numbers[name]
