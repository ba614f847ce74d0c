"""An alert in the words that every notifier uses: who, what, how sure, from where, how long ago. Pure.

Laws:
1. Whatever a feed may have written passes `clean`: one line, no control character, nothing that turns text around.
2. A link is http or https, carries no user name, and is always shown with the host that it really leads to.
3. Severity is told by a shape and a word, never by colour alone.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from yarl import URL

from tocsin.model import NO_EVENT, Alert, Certainty, Part, Party, Severity

SHAPES: Final = {Severity.LOW: "○", Severity.MEDIUM: "●", Severity.HIGH: "▲", Severity.CRITICAL: "◆"}

CERTAINTIES: Final = {
    Certainty.RUMOUR: "a rumour",
    Certainty.REPORTED: "reported",
    Certainty.CONFIRMED: "confirmed",
    Certainty.DENIED: "denied",
}

MAX_LINE: Final = 300
"""Characters of one line of an alert: a feed may send a megabyte in a field that holds a name."""

MAX_LINK: Final = 3000
"""Characters of a link, percent-encoded: beyond that Slack refuses the whole message, and no real article has one."""

MAX_LIST: Final = 10
"""Lines of a list: beyond that nobody reads, and Slack refuses messages of more than some 12,000 characters."""

NEW: Final = "New"
"""The name of the detail that says what is new in a story."""

ARTICLE: Final = "Article"
"""The name of the detail that says under which title it is told: a figure alone doesn't say what it is of."""

_ENOUGH: Final = 100
"""Characters by which a title is known again in a longer text that quotes it, where it may be cut."""

CLOCK_SLACK: Final = timedelta(minutes=5)
"""How far in the future a feed's date may lie and still be taken for now: its clock and ours differ."""

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)

# Marks that reorder or hide text: bidirectional controls, zero-width space, byte order mark, soft hyphen. The joiners
# U+200C and U+200D stay: Persian, Hindi and half of all emoji are spelt with them.
_TRICKS: Final = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the story stands: `name` to show, `url` to click (or None), `host` that it leads to, `when` in words.

    The host is in its ASCII form: a Cyrillic look-alike of a bank's name shows as `xn--...`.
    """

    name: str
    url: str | None
    host: str | None
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An alert put into words; each string is one clean line."""

    label: str
    headline: str
    details: tuple[tuple[str, str], ...]
    origin: Origin | None
    stakes: tuple[str, ...]
    reasons_title: str
    reasons: tuple[str, ...]


def clean(text: str) -> str:
    """Make text of unknown origin one plain line: no control, reordering or invisible characters, single spaces."""
    shown = (c for c in _TRICKS.sub("", text) if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})
    return " ".join("".join(shown).split())


def cut(text: str, limit: int) -> str:
    """Shorten to `limit` UTF-16 units, the last of them an ellipsis.

    Slack doesn't say in what it counts; UTF-16 units are never fewer than characters, so no count of Slack's is passed.
    """
    units = text.encode("utf-16-le", "ignore")
    if len(units) <= 2 * limit:
        return text
    return units[: 2 * (limit - 1)].decode("utf-16-le", "ignore").rstrip() + "…"


def line(text: str) -> str:
    """Clean and cut to the length of one line."""
    return cut(clean(text), MAX_LINE)


def safe_link(link: str | None) -> URL | None:
    """The link if it may be shown to a person to click: http(s), a host, no user name (`bank.com@evil.example`)."""
    if link is None:
        return None
    try:
        url = URL(clean(link))
    except ValueError:
        return None
    if url.scheme not in {"http", "https"} or not url.host:
        return None
    url = url.with_user(None)
    return url if len(str(url)) <= MAX_LINK else None


def severity_label(severity: Severity) -> str:
    """A shape and a word: `◆ CRITICAL`."""
    return f"{SHAPES[severity]} {severity.value.upper()}"


def _label(alert: Alert) -> str:
    """The severity, what it was before, and what kind of alert it is: `◆ CRITICAL, was high · Update`."""
    was = f", was {alert.was.value}" if alert.was else ""
    kind = {"story": "", "update": " · Update", "notice": " · Tocsin itself"}[alert.kind]
    return f"{severity_label(alert.severity)}{was}{kind}"


def age(then: datetime, now: datetime) -> str:
    """How long ago: `just now`, `3 min ago`, `5 h ago`, `2 days ago`; or `dated in the future`, if a feed so lies."""
    passed = now - then
    if passed < -CLOCK_SLACK:
        return "dated in the future"
    if passed < _MINUTE:
        return "just now"
    if passed < _HOUR:
        return f"{passed // _MINUTE} min ago"
    if passed < 2 * _DAY:
        return f"{passed // _HOUR} h ago"
    return f"{passed // _DAY} days ago"


def _who(alert: Alert) -> tuple[tuple[str, str], ...]:
    def named(part: Part) -> str:
        return ", ".join(f"{clean(p.watch)} ({clean(p.role)})" for p in alert.parties if p.part is part)

    actors, targets, others = named(Part.ACTOR), named(Part.TARGET), named(Part.NONE)
    lines = []
    if actors and targets:
        lines.append(("Who to whom", f"{actors} → {targets}"))
    elif actors:
        lines.append(("Who", actors))
    elif targets:
        lines.append(("To whom", targets))
    if others:
        lines.append(("Also about" if lines else "About", others))
    return tuple(lines)


def _what(alert: Alert) -> str:
    event = "" if alert.event == NO_EVENT else alert.event.replace("_", " ")
    certainty = CERTAINTIES[alert.certainty] if alert.certainty else ""
    return ", ".join(word for word in (event, certainty, "over" if alert.over else "") if word)


def _stake(party: Party, now: datetime) -> str:
    told = []
    if party.owner:
        told.append(f"owner {party.owner}")
    if party.renews:
        told.append(f"renews {party.renews.isoformat()}")
    if party.notice_by:
        days = (party.notice_by - now.date()).days
        left = "passed" if days < 0 else "today" if days == 0 else f"in {days} day{'' if days == 1 else 's'}"
        told.append(f"notice by {party.notice_by.isoformat()} ({left})")
    if party.spend:
        told.append(f"spend {party.spend}")
    if party.substitutes:
        told.append(f"substitutes {', '.join(party.substitutes)}")
    if party.data:
        told.append(f"data {', '.join(party.data)}")
    return f"{party.watch}: {'; '.join(told)}" if told else ""


def _origin(alert: Alert, now: datetime) -> Origin | None:
    url = safe_link(alert.link)
    name = line(alert.outlet or "") or (url.raw_host if url else "") or ""
    if not name:
        return None
    if alert.published is None:
        when = "no date given"
    else:
        when = f"{age(alert.published, now)} ({alert.published:%Y-%m-%d %H:%M} UTC)"
    return Origin(name=name, url=str(url) if url else None, host=url.raw_host if url else None, when=when)


def _article(alert: Alert, new: str) -> str:
    """The title of the article that an update tells of, unless it stands in the message already."""
    title = clean(alert.title or "") if alert.kind == "update" else ""
    return "" if title.casefold() == clean(alert.headline).casefold() or title[:_ENOUGH] in new else title


def _few(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) <= MAX_LIST:
        return lines
    return (*lines[: MAX_LIST - 1], f"… and {len(lines) - MAX_LIST + 1} more")


def brief(told: Message) -> Message:
    """Only what is new, and where it stands: for whoever has the story before his eyes."""
    details = tuple((name, text) for name, text in told.details if name in {NEW, ARTICLE})
    return replace(told, details=details, stakes=(), reasons=())


def compose(alert: Alert, now: datetime) -> Message:
    """Put an alert into words.

    Args:
        alert: What to tell.
        now: The present, for ages and days left.

    Returns:
        The message, every line clean and at most `MAX_LINE` long, every list at most `MAX_LIST` lines.
    """
    new = "; ".join(clean(phrase) for phrase in alert.new if clean(phrase))
    told = [(NEW, new), (ARTICLE, _article(alert, new))]
    told += [("What happened", _what(alert)), *_who(alert), ("Facts", "; ".join(clean(f) for f in alert.facts))]
    told.append(("Rule", alert.rule or ""))
    return Message(
        label=_label(alert),
        headline=line(alert.headline) or "(no headline)",
        details=tuple((name, line(text)) for name, text in told if clean(text)),
        origin=_origin(alert, now),
        stakes=_few(tuple(line(s) for p in alert.parties if (s := _stake(p, now)))),
        reasons_title="Details" if alert.kind == "notice" else "Why you are told",
        reasons=_few(tuple(line(reason) for reason in alert.reasons if clean(reason))),
    )
