"""An alert as a Slack message: Block Kit blocks, and the text that notifications and screen readers use. Pure.

Laws:
1. What a feed wrote stands only in `plain_text` objects and in rich text elements, which Slack shows letter for letter.
   There is no mrkdwn block at all: no mention, link or formatting can be smuggled into one.
2. The one string that Slack parses, the fallback text, is escaped; it has no formatting of its own.
3. Within Slack's limits by construction: 5 blocks of 50, a header of at most 150, and in all well under the 12,000
   characters at which Slack answers `msg_blocks_too_long`.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from tocsin.deliver.wording import Message, compose, cut
from tocsin.model import Delivery

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


def mark(delivery_id: str) -> str:
    """The `block_id` of a delivery's header: a second mark to know our message by, where metadata can't be read."""
    return str(uuid5(_MARKS, delivery_id))


def message(delivery: Delivery, now: datetime) -> Json:
    """Write the arguments of `chat.postMessage` that say what is posted (all but the channel).

    Args:
        delivery: The delivery; its id goes along as metadata, to find the message again.
        now: The present, for ages.

    Returns:
        `text`, `blocks`, `metadata`, and the switches that keep Slack from reading more into them.
    """
    told = compose(delivery.alert, now)
    return {
        "text": fallback(told),
        "blocks": blocks(told, mark(delivery.id)),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": delivery.id}},
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def is_delivery(posted: Json, delivery_id: str) -> bool:
    """Whether a message of a channel's history is this delivery."""
    metadata = posted.get("metadata") or {}
    if metadata.get("event_type") == EVENT_TYPE:
        return bool((metadata.get("event_payload") or {}).get("delivery_id") == delivery_id)
    return any(block.get("block_id") == mark(delivery_id) for block in posted.get("blocks") or ())


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
