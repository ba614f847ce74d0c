"""An alert as a Slack message: Block Kit blocks, and the text that notifications and screen readers use. Pure.

Laws:
1. What a feed wrote stands only in `plain_text` objects and in rich text elements, which Slack shows letter for letter.
   There is no mrkdwn block at all: no mention, link or formatting can be smuggled into one.
2. The one string that Slack parses, the fallback text, is escaped; it has no formatting of its own.
3. Within Slack's limits by construction: 5 blocks of 50, a header of at most 150, and in all well under the 12,000
   characters at which Slack answers `msg_blocks_too_long`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from tocsin.deliver.wording import Message, brief, compose, cut
from tocsin.model import Alert, Certainty, Delivery
from tocsin.outbox import delivery_id

EVENT_TYPE: Final = "tocsin_alert"
MAX_HEADER: Final = 150
MAX_FALLBACK: Final = 1000

_MARKS: Final = UUID("7f0c1f6e-6f0e-5b7a-9d0a-0c7b1d1e55aa")

Json = dict[str, Any]


def escape(text: str) -> str:
    """Escape Slack's three control characters; what is escaped can't mention, link or call.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mark(marked: str) -> str:
    """The `block_id` of a delivery's header: a second mark to know our message by, where metadata can't be read."""
    return str(uuid5(_MARKS, marked))


def message(delivery: Delivery, now: datetime, *, reply: bool = False) -> Json:
    """Write the arguments of `chat.postMessage` that say what is posted (all but the place).

    Args:
        delivery: The delivery; its id goes along as metadata, to find the message again.
        now: The present, for ages.
        reply: Whether the story's message stands above; then only what is new is told, unless the severity changed.

    Returns:
        `text`, `blocks`, `metadata`, and the switches that keep Slack from reading more into them.
    """
    told = compose(delivery.alert, now)
    if reply and delivery.alert.was is None:
        told = brief(told)
    return _content(told, delivery.id) | {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def changes_root(alert: Alert) -> bool:
    """Whether the story's message would mislead if it stayed as it is: another severity, a denial or the end of one."""
    return alert.was is not None or alert.certainty is Certainty.DENIED or alert.undenied


def root_anew(delivery: Delivery, now: datetime) -> Json:
    """Write the arguments of `chat.update` that tell an update's story as it stands now (all but the place).

    The message keeps the marks of its own delivery, by which it is known again.
    """
    alert = delivery.alert
    told = compose(replace(alert, kind="story", new=()), now)
    return _content(told, delivery_id(alert.root or alert.id, delivery.receiver))


def _content(told: Message, marked: str) -> Json:
    # chat.update takes `parse` for "client" where it isn't given, unlike chat.postMessage.
    return {
        "text": fallback(told),
        "blocks": blocks(told, mark(marked)),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": marked}},
        "parse": "none",
        "link_names": False,
    }


def is_delivery(posted: Json, marked: str) -> bool:
    """Whether a message of a channel or a thread is the delivery with this id."""
    metadata = posted.get("metadata") or {}
    if metadata.get("event_type") == EVENT_TYPE:
        return bool((metadata.get("event_payload") or {}).get("delivery_id") == marked)
    return any(block.get("block_id") == mark(marked) for block in posted.get("blocks") or ())


def fallback(told: Message) -> str:
    """One line that says it all, for notifications and screen readers; cut first, so that no entity is cut."""
    parts = [f"{told.label}: {told.headline}"]
    parts += [f"{name}: {text}" for name, text in told.details if name != "Rule"]
    if told.origin:
        parts.append(f"Source: {told.origin.name}")
    return escape(cut(". ".join(parts), MAX_FALLBACK))


def blocks(told: Message, block_id: str) -> list[Json]:
    """The blocks: header, details with the source, what is at stake, and why."""
    header = cut(f"{told.label} · {told.headline}", MAX_HEADER)
    made: list[Json] = [
        {"type": "header", "block_id": block_id, "text": {"type": "plain_text", "text": header, "emoji": False}}
    ]
    lines = [[_bold(f"{name}: "), _text(text)] for name, text in told.details]
    if told.origin:
        lines.append([_bold("Source: "), *_source(told)])
    if lines:
        made.append(_rich(_paragraph(lines)))
    for title, items in (("At stake", told.stakes), (told.reasons_title, told.reasons)):
        if items:
            made.append(_rich(_paragraph([[_bold(title)]]), _bullets(items)))
    return made


def _source(told: Message) -> list[Json]:
    origin = told.origin
    if origin is None:
        return []
    if origin.url is None or origin.host is None:
        return [_text(f"{origin.name}, {origin.when}")]
    shown = origin.name if origin.name == origin.host else f"{origin.name} ({origin.host})"
    return [{"type": "link", "url": origin.url, "text": shown}, _text(f", {origin.when}")]


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _bold(text: str) -> Json:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _paragraph(lines: list[list[Json]]) -> Json:
    elements = list(lines[0])
    for further in lines[1:]:
        elements += [_text("\n"), *further]
    return {"type": "rich_text_section", "elements": elements}


def _bullets(items: tuple[str, ...]) -> Json:
    return {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [{"type": "rich_text_section", "elements": [_text(item)]} for item in items],
    }


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}
