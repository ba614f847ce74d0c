"""What Slack refuses in Block Kit blocks, and what it would read into text: mentions. Pure.

https://docs.slack.dev/reference/block-kit/blocks. Faults are worded like Slack's `response_metadata.messages`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

MAX_BLOCKS = 50
MAX_TEXT = 40_000
MAX_BLOCK_ID = 255

_MENTION = re.compile(r"<(?:!(?:here|channel|everyone)(?:\|[^>]*)?|!subteam\^[^>]*|@[UW][^>]*|#C[^>]*)>")
_RICH_MENTIONS = {"user", "usergroup", "broadcast", "channel"}
_RICH_LEAVES = {"text", "link", "emoji", "date", *_RICH_MENTIONS}


def faults_of_blocks(blocks: Any) -> list[str]:
    """Everything wrong with a message's blocks; empty if Slack would take them."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array of blocks [json-pointer:/blocks]"]
    faults = []
    if len(blocks) > MAX_BLOCKS:
        faults.append(f"[ERROR] no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]")
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"/blocks/{number}"
        if not isinstance(block, dict) or block.get("type") not in _BLOCKS:
            faults.append(f"[ERROR] unsupported type: {block!r:.60} [json-pointer:{at}]")
            continue
        block_id = block.get("block_id")
        if block_id is not None and (not isinstance(block_id, str) or len(block_id) > MAX_BLOCK_ID or block_id in seen):
            faults.append(f"[ERROR] block_id must be unique and at most 255 characters [json-pointer:{at}/block_id]")
        seen.add(str(block_id))
        faults += _BLOCKS[block["type"]](block, at)
    return faults


def mentions_of_text(text: str) -> list[str]:
    """The mentions that Slack would make of mrkdwn text."""
    return _MENTION.findall(text)


def mentions_of_blocks(value: Any) -> list[str]:
    """The mentions in blocks: in mrkdwn text, and as elements of rich text."""
    if isinstance(value, list):
        return [mention for inner in value for mention in mentions_of_blocks(inner)]
    if not isinstance(value, dict):
        return []
    found = mentions_of_text(str(value.get("text", ""))) if value.get("type") == "mrkdwn" else []
    if value.get("type") in _RICH_MENTIONS:
        found.append(repr(value))
    return found + [mention for inner in value.values() for mention in mentions_of_blocks(inner)]


def text_length(value: Any) -> int:
    """Characters of all text in blocks."""
    if isinstance(value, list):
        return sum(map(text_length, value))
    if not isinstance(value, dict):
        return 0
    return sum(len(v) if k == "text" and isinstance(v, str) else text_length(v) for k, v in value.items())


def _closed(value: Mapping[str, Any], at: str, required: set[str], optional: set[str] = frozenset()) -> Iterator[str]:  # type: ignore[assignment]  # an empty default
    for key in required - set(value):
        yield f"[ERROR] missing required field: {key} [json-pointer:{at}]"
    for key in set(value) - required - optional - {"type", "block_id"}:
        yield f"[ERROR] no more fields allowed: {key} [json-pointer:{at}/{key}]"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text_object(value: Any, at: str, kinds: set[str], limit: int) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield f"[ERROR] must be one of {sorted(kinds)} [json-pointer:{at}]"
        return
    yield from _closed(value, at, {"text"}, {"emoji"} if value["type"] == "plain_text" else {"verbatim"})
    text = value.get("text")
    if not isinstance(text, str) or not text:
        yield f"[ERROR] must be more than 0 characters [json-pointer:{at}/text]"
    elif _units(text) > limit:
        yield f"[ERROR] must be less than {limit + 1} characters [json-pointer:{at}/text]"


def _header(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _closed(block, at, {"text"})
    yield from _text_object(block.get("text"), f"{at}/text", {"plain_text"}, 150)


def _section(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _closed(block, at, set(), {"text", "fields", "accessory", "expand"})
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield f"[ERROR] either text or fields is required [json-pointer:{at}]"
    if "text" in block:
        yield from _text_object(block["text"], f"{at}/text", {"plain_text", "mrkdwn"}, 3000)
    if fields is not None:
        if not isinstance(fields, list) or not 1 <= len(fields) <= 10:
            yield f"[ERROR] 1 to 10 items allowed [json-pointer:{at}/fields]"
            return
        for number, field in enumerate(fields):
            yield from _text_object(field, f"{at}/fields/{number}", {"plain_text", "mrkdwn"}, 2000)


def _context(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _closed(block, at, {"elements"})
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        yield f"[ERROR] 1 to 10 items allowed [json-pointer:{at}/elements]"
        return
    for number, element in enumerate(elements):
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _closed(element, f"{at}/elements/{number}", {"image_url", "alt_text"})
        else:
            yield from _text_object(element, f"{at}/elements/{number}", {"plain_text", "mrkdwn"}, 3000)


def _divider(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _closed(block, at, set())


def _rich_text(block: dict[str, Any], at: str) -> Iterator[str]:
    yield from _closed(block, at, {"elements"})
    yield from _children(block, at, _rich_part)


def _children(value: dict[str, Any], at: str, check: Callable[[dict[str, Any], str], Iterator[str]]) -> Iterator[str]:
    elements = value.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"[ERROR] must have at least one item [json-pointer:{at}/elements]"
        return
    for number, element in enumerate(elements):
        where = f"{at}/elements/{number}"
        if isinstance(element, dict):
            yield from check(element, where)
        else:
            yield f"[ERROR] must be an object [json-pointer:{where}]"


def _rich_part(value: dict[str, Any], at: str) -> Iterator[str]:
    match value.get("type"):
        case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
            yield from _closed(value, at, {"elements"}, {"border"})
            yield from _children(value, at, _rich_leaf)
        case "rich_text_list":
            yield from _closed(value, at, {"elements", "style"}, {"indent", "offset", "border"})
            if value.get("style") not in {"bullet", "ordered"}:
                yield f"[ERROR] style must be bullet or ordered [json-pointer:{at}/style]"
            yield from _children(value, at, _list_item)
        case kind:
            yield f"[ERROR] unsupported type: {kind} [json-pointer:{at}]"


def _list_item(value: dict[str, Any], at: str) -> Iterator[str]:
    if value.get("type") != "rich_text_section":
        yield f"[ERROR] must be a rich_text_section [json-pointer:{at}]"
        return
    yield from _rich_part(value, at)


def _rich_leaf(value: dict[str, Any], at: str) -> Iterator[str]:
    kind = value.get("type")
    if kind not in _RICH_LEAVES:
        yield f"[ERROR] unsupported type: {kind} [json-pointer:{at}]"
    if kind in {"text", "link"}:
        text = value.get("text")
        yield from _closed(value, at, {"text"} if kind == "text" else {"url"}, {"style", "text", "unsafe"})
        if (kind == "text" or text is not None) and not (isinstance(text, str) and text):
            yield f"[ERROR] must be more than 0 characters [json-pointer:{at}/text]"
        style = value.get("style", {})
        if not isinstance(style, dict) or set(style) - {"bold", "italic", "strike", "code", "underline"}:
            yield f"[ERROR] invalid style [json-pointer:{at}/style]"
    if kind == "link":
        url = str(value.get("url"))
        if len(url) > 3000 or urlsplit(url).scheme not in {"http", "https", "mailto"} or re.search(r"[\s<>|]", url):
            yield f"[ERROR] invalid url [json-pointer:{at}/url]"


_BLOCKS: dict[str, Callable[[dict[str, Any], str], Iterator[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "rich_text": _rich_text,
}
