"""How amounts are written: numbers, scales, ranges, corrections and currencies, in the languages of the heads. Pure.

Laws:
1. Every pattern is linear: bounded repeats, no nested ones.
2. Of a range (`4-6`, `between 4 and 6`, `from 4 to 6`) the last number counts, and so does the first of what the text
   itself corrects (`4, not 6`). Elsewhere `and` joins two things, of which the second may be no sum.
3. A point or comma before three digits parts thousands, unless a scale follows: then it is the scale's language that
   says which of the two does (`1.285 billion`, `1,285 Milliarden`).
4. A currency that nobody names is none: of `2 billion francs` the unit is francs, unless the text says which.
"""

import re
from collections.abc import Collection

LETTER = r"[^\W\d_]"

_NUMBER = (
    r"(?:\d{1,2}(?:,\d\d){1,4},\d{3}(?:\.\d{1,2})?"  # as in India: 2,35,00,000
    r"|\d{1,3}(?:[,.'\u2019\u00a0\u202f ]\d{3}){1,4}(?:[.,]\d{1,2})?"
    r"|\d{1,12}(?:[.,]\d{1,3}|\.\d{4,6})?)(?![.,]?\d)"
)
_ENGLISH = {
    12: "trillion trillions trn tn t",
    9: "billion billions bln bn b",
    7: "crore crores cr",
    6: "million millions mln mn m",
    5: "lakh lakhs lac lacs",
    3: "thousand k",
    2: "hundred",
}
_CONTINENTAL = {
    12: "billionen billones",
    9: "milliarde milliarden mrd mrd. milliard milliards md mds",
    6: "millionen mio mio. mill\u00f3n millones",
    3: "tausend",
}
"""Words of German, French and Spanish that English hasn't; `million` and `millions` are everybody's."""

_POWERS = {
    "lakh crore": 12,
    "mil millones": 9,
    **{word: power for words in (_ENGLISH, _CONTINENTAL) for power, line in words.items() for word in line.split()},
}
_COMMA_IS_DECIMAL = {"mil millones", *" ".join(_CONTINENTAL.values()).split()}


def _any(words: Collection[str]) -> str:
    """The pattern of any of these words, the longest first; a look at the first letter spares most places the rest."""
    first = "".join(sorted({letter for word in words for letter in word[0].lower() + word[0].upper()}))
    return rf"(?=[{first}])(?i:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})"


_SCALES = _any(_POWERS)

SIGNS = {
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "HK$": "HKD",
    "S$": "SGD",
    "NZ$": "NZD",
    "R$": "BRL",
    "$": "USD",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "\u20b9": "INR",
    "\u20a9": "KRW",
    "Rs": "INR",
    "Rs.": "INR",
}
CODES = "USD|EUR|GBP|JPY|CNY|INR|KRW|CHF|CAD|AUD|HKD|SEK|NOK|DKK|SGD|BRL|NZD|ZAR|MXN|CZK|PLN|TWD"
_WORDS = {
    **dict.fromkeys(("dollar", "dollars", "d\u00f3lares"), "USD"),
    **dict.fromkeys(("euro", "euros"), "EUR"),
    **dict.fromkeys(("pound", "pounds", "pfund", "libras"), "GBP"),
    **dict.fromkeys(("rupee", "rupees", "rupien", "rupias"), "INR"),
    "yen": "JPY",
    "yuan": "CNY",
    "renminbi": "CNY",
    "won": "KRW",
    "rand": "ZAR",
    "franken": "CHF",
    "kronor": "SEK",
    **dict.fromkeys(("franc", "francs", "francos"), "francs"),
    **dict.fromkeys(("crown", "crowns", "kroner", "krone", "kronen", "couronnes", "coronas"), "crowns"),
}
_WHOSE = {
    "us": "USD",
    "u.s.": "USD",
    "canadian": "CAD",
    "australian": "AUD",
    "hong kong": "HKD",
    "singapore": "SGD",
    "new zealand": "NZD",
    "swiss": "CHF",
    "schweizer": "CHF",
    "swedish": "SEK",
    "norwegian": "NOK",
    "danish": "DKK",
    "czech": "CZK",
    "british": "GBP",
    "indian": "INR",
    "chinese": "CNY",
    "japanese": "JPY",
    "south korean": "KRW",
    "south african": "ZAR",
}
_TOLD_BY = {
    "francs": {"CHF": re.compile(r"\bSwiss|\bSwitzerland|\bCHF|\b[Ss]uisse|\b[Ss]chweiz|\b[Ss]uiz")},
    "crowns": {
        "SEK": re.compile(r"\bSwed(?:en|ish)|\bSEK"),
        "NOK": re.compile(r"\bNorw(?:ay|egian)|\bNOK"),
        "DKK": re.compile(r"\bDanish|\bDenmark|\bDKK"),
        "CZK": re.compile(r"\bCzech|\bCZK"),
    },
}
"""What in a text says whose francs or crowns it means."""


def scaled(name: str | None = "") -> str:
    """The pattern of a number with its scale, as the groups `NAMEnumber` and `NAMEscale`; of None, as no groups."""
    number, scale = ("?:" if name is None else rf"?P<{name}{each}>" for each in ("number", "scale"))
    return rf"({number}{_NUMBER})(?:\s?-?({scale}{_SCALES}))?(?!{LETTER})"


AMOUNT = scaled(None)
BIG = rf"{_NUMBER}\s?-?{_SCALES}(?!{LETTER})"
"""A number that has a scale."""

SIGN = rf"(?:{'|'.join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))}|(?:{CODES}))"
MONEY_WORD = rf"(?:(?P<whose>{_any(_WHOSE)})[\s-])?(?P<word>{_any(_WORDS)})\b"
MONEY_WORDS = tuple(_WORDS)
BETWEEN, AND = r"(?i:between|zwischen|entre)\s", r"\s(?:and|und|et|y)\s"
_PLAIN_SIGNS = {"USD": "$", "EUR": "\u20ac", "GBP": "\u00a3", "JPY": "\u00a5", "INR": "\u20b9", "KRW": "\u20a9"}
_STEPS = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"), (1.0, ""))
_STEPS_IN_INDIA = ((1e7, " crore"), (1e5, " lakh"), (1.0, ""))
NOT = r",?\s\(?(?:and\s)?(?:not|instead\sof|rather\sthan)\s(?:the\s)?"
"""What stands between what is right and what the text says is wrong."""

SOON_NOT = rf"(?:\s[\w'-]{{1,14}}){{0,4}}{NOT}"
"""The same, behind words that say of what: `$6m fine, not $60m`."""


def from_lower(unit: str) -> str:
    """The pattern of what stands before the last number of a range of which the unit stands behind."""
    lower = rf"{AMOUNT}(?:{unit})?"
    return rf"(?:{BETWEEN}{lower}{AND}|not\s{lower},?\sbut\s|{lower}(?:\s?[-\u2013]\s?|\s(?:to|bis|\u00e0|a)\s))?"


def value_of(number: str, scale: str | None) -> float:
    """The number as its language means it: law 3."""
    digits = re.sub(r"['\u2019\u00a0\u202f ]", "", number)
    groups = re.split(r"[.,]", digits)
    word = " ".join((scale or "").lower().split())
    parts = None if scale is None else "." if word in _COMMA_IS_DECIMAL else ","
    grouped = len(groups) > 1 and groups[0] != "0" and len(groups[-1]) == 3  # noqa: PLR2004 (thousands come in threes)
    if grouped and (parts is None or len(groups) > 2 or parts in digits):  # noqa: PLR2004 (two separators group)
        digits = "".join(groups)
    elif len(groups) > 1:
        digits = "".join(groups[:-1]) + "." + groups[-1]
    return float(f"{digits}e{_POWERS.get(word, 0)}")  # read as a whole: 8.2 * 1e6 isn't 8200000


def currency_of(sign: str) -> str:
    """The currency of a sign or a code."""
    return SIGNS.get(sign, sign)


def currency_named(whose: str | None, word: str) -> str:
    """The currency of a name; of a name that several countries have, the name."""
    return _WHOSE[whose.lower()] if whose is not None else _WORDS[word.lower()]


def currency_in(name: str, text: str) -> str:
    """Which of the currencies of that name `text` means; the name, if it doesn't say."""
    told = [code for code, sign in _TOLD_BY.get(name, {}).items() if sign.search(text)]
    return told[0] if len(told) == 1 else name


def in_words(value: float, unit: str) -> str:
    """An amount as a person writes it: `\u00a3450 million`, `CHF 2.1 billion`, `7,000 people`."""
    if unit == "%" or value < 1:
        number = f"{value:g}"
    else:
        steps = _STEPS_IN_INDIA if unit == "INR" else _STEPS
        step, word = next(each for each in steps if value >= each[0])
        number = f"{value / step:,.2f}".rstrip("0").rstrip(".") + word
    if unit in _PLAIN_SIGNS:
        return f"{_PLAIN_SIGNS[unit]}{number}"
    return f"{number}%" if unit == "%" else f"{unit} {number}" if unit.isupper() else f"{number} {unit}"
