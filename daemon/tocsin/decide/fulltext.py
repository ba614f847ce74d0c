"""Which items are worth reading in full, and what their article makes of them. Pure.

Laws:
1. What is news by the feed's own words stays news: an article adds facts, and may lift an item over the line, but
   never takes one below it.
2. The heads were trained on titles and summaries. They are given an article's opening where the feed gives no summary
   or cuts it off, and never more of it than that.
3. What became of the article stands in the reasons, in plain words.
"""

import re
from dataclasses import replace

from tocsin.articles import Article
from tocsin.decide.marking import LEAD
from tocsin.decide.prose import BODY_LIMIT
from tocsin.labels import ArticleKind
from tocsin.model import Item, Reading, Reason

NEAR = 0.1
"""The relevance from which an item is near the line (`judging.RELEVANT`, 0.5). Of 21 relevant items of a labelled set
whose title alone is judged to be below the line, and whose title and summary above it, 7 have this much, and 3 have
0.25; of 115 that are not relevant 6 and 4. It costs 8 % more articles than to fetch those of flagged items alone."""

OPENING = 600
"""Characters of an article that stand in a summary's place: more than the heads read (`marking.LEAD`)."""

_SHORT = 80
"""Characters below which a summary is a byline, a date or a place; the shortest sentences of news have more."""

_FOUND_BY = 40
_CUT = re.compile(
    r"\s*(?:\u2026|\.\.\.|\[(?:\u2026|\.{3}|&#8230;)\]|\(more\))?\s*"
    r"(?:(?:continue reading|read (?:more|on|the full (?:story|article))|weiterlesen|mehr lesen|lire la suite"
    r"|leer m\u00e1s|seguir leyendo)\b.{0,80})?$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?\u2026][\"'\u201d\u2019)]{0,2}(?=\s)|[\u3002\uff01\uff1f]")
_WHY: dict[ArticleKind, str] = {
    "subscription": "the page asks for a subscription",
    "consent": "the page asks for consent to tracking first",
    "blocked": "the site refuses us",
    "robots": "the site's robots.txt asks programs not to read it",
    "script": "the page shows its text only to who runs its scripts",
    "missing": "the article isn't there",
    "elsewhere": "the link leads to another text",
    "no_page": "the link leads to what is no page",
    "no_text": "the page shows hardly any text",
    "too_large": "the page is larger than is read",
    "slow": "the page didn't come in time",
    "failed": "the page couldn't be fetched",
    "budget": "enough was fetched for now",
    "resting": "the site is left alone for a while",
    "unresolved": "the link is a search engine's own, and hides where it leads",
}


def worth_reading(reading: Reading) -> bool:
    """Whether the article of an item should be read: it is flagged, or near the line and judged by little.

    What a feed gives itself to the length that is read needn't be fetched.
    """
    if len(reading.item.body) >= BODY_LIMIT:
        return False
    return reading.relevant or (reading.relevance >= NEAR and thin(reading.item))


def thin(item: Item) -> bool:
    """Whether the feed gave no summary, one that is cut off within what the heads read, or none but the title."""
    body = item.body.strip()
    return len(body) < LEAD and (_CUT.sub("", body) != body or len(_own(item)) < _SHORT)


def with_article(item: Item, article: Article) -> Item:
    """`item` with the text of its `article`, whose opening stands in for a summary that isn't whole."""
    body = _completed(item, article.text) if thin(item) else item.body
    return replace(item, body=body, article=article.text)


def settled(first: Reading, again: Reading | None, article: Article) -> Reading:
    """What an item comes to by the feed's words (`first`) and, if its `article` was read, once more with that."""
    reason = Reason(step="article", text=outcome_text(article, first.item))
    if again is None:
        return replace(first, reasons=(*first.reasons, reason))
    if again.relevant or not first.relevant:
        return replace(again, reasons=(*again.reasons, reason))
    further = tuple(each for each in again.reasons if each.step == "fact" and each not in first.reasons)
    return replace(
        first,
        item=replace(first.item, article=again.item.article),
        facts=again.facts,
        reasons=(*first.reasons, *further, reason),
    )


def outcome_text(article: Article, item: Item) -> str:
    """`read in full (1,240 words)`, or `only the summary: the page asks for a subscription`."""
    if article.kind == "read":
        return f"read in full ({article.words:,} words)"
    left = "summary" if item.body else "title"
    return f"only the {left}: {_WHY[article.kind]}" + (f" ({article.detail})" if article.detail else "")


def _completed(item: Item, text: str) -> str:
    """The summary of `item`, carried on by the opening of its article."""
    begun = _own(item)
    start = text.find(begun[:_FOUND_BY]) if len(begun) >= _FOUND_BY else -1
    if start >= 0:
        return _opening(text[start:])
    opening = _opening(text)
    return f"{begun} {opening}".strip()


def _own(item: Item) -> str:
    """The summary without the title that it may begin with, and without the mark that it goes on elsewhere."""
    body, title = item.body.strip(), item.title.strip()
    own = body[len(title) :].lstrip(" \t-\u2013\u2014|:.") if body.casefold().startswith(title.casefold()) else body
    return _CUT.sub("", own)


def _opening(text: str) -> str:
    """As many whole sentences of `text` as fit into `OPENING` characters, or so many characters."""
    flat = " ".join(text[: OPENING + 1].split())
    if len(text) <= OPENING:
        return flat
    ends = [found.end() for found in _SENTENCE.finditer(flat)]
    return flat[: ends[-1]] if ends and ends[-1] > OPENING // 3 else flat[:OPENING]
