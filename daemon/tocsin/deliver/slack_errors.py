"""What Slack's refusals mean: try again, or a dead letter with Slack's word and what to do about it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from tocsin.deliver.wording import clean, cut
from tocsin.model import Rejected, Retry

BUSY: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
"""Slack asks for patience, and has posted nothing."""

AWAY: Final = frozenset(
    {"service_unavailable", "request_timeout", "team_added_to_org", "org_login_required", "external_channel_migrating"}
)
"""Slack can't for now, and has posted nothing."""

BROKEN: Final = frozenset({"internal_error", "fatal_error"})
"""Slack failed half-way: its documentation says that part of the call may have succeeded."""

NO_THREAD: Final = frozenset(
    {
        *{"cannot_reply_to_message", "invalid_thread_ts", "message_not_found", "thread_not_found"},
        *{"restricted_action_non_threadable_channel", "restricted_action_thread_locked"},
        *{"channel_not_found", "is_archived", "not_in_channel"},
    }
)
"""No reply can stand there: the message above is gone or locked, or its channel is (the rules may name another)."""

_BOT = "set TOCSIN_SLACK_BOT_TOKEN to the bot token (xoxb-...) of an installed app"
_OURS = "this is a fault in Tocsin; please report it with this line"
ADVICE: Final[Mapping[str, str]] = {
    "invalid_auth": f"the token isn't valid here; {_BOT}",
    "not_authed": f"no token was sent; {_BOT}",
    "account_inactive": f"the app or its workspace was removed; {_BOT}",
    "token_revoked": f"the token was revoked; install the app again and {_BOT}",
    "token_expired": f"the token has run out; install the app again and {_BOT}",
    "not_allowed_token_type": f"this kind of token can't post; {_BOT}",
    "missing_scope": "add the scopes of deploy/slack-manifest.yaml to the app and install it again",
    "no_permission": "add the scopes of deploy/slack-manifest.yaml to the app and install it again",
    "channel_not_found": "check the channel's name, and invite the bot if the channel is private (/invite @Tocsin)",
    "not_in_channel": "invite the bot to the channel (/invite @Tocsin)",
    "is_archived": "the channel is archived; name another one, or unarchive it",
    "restricted_action": "a workspace setting forbids posting there; ask an administrator, or name another channel",
    "restricted_action_read_only_channel": "the channel is read-only; allow the bot to post, or name another channel",
    "team_access_not_granted": "the app has no access to this workspace; ask an administrator to add it",
    "access_denied": "a workspace setting denies access; ask an administrator",
    "ekm_access_denied": "an administrator has suspended posting; ask them",
    "invalid_blocks": _OURS,
    "invalid_blocks_format": _OURS,
    "msg_too_long": _OURS,
    "msg_blocks_too_long": _OURS,
    "no_text": _OURS,
    "metadata_too_large": _OURS,
    "invalid_metadata_format": _OURS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Slack's answer when it isn't ok: its error word (or empty), the HTTP status, and the wait it asks for."""

    word: str = ""
    status: int = 200
    after: timedelta | None = None
    details: tuple[str, ...] = ()


def refusal(body: Any, status: int, after: timedelta | None) -> Refusal:
    """Read a refusal out of an answer's body, whatever that is."""
    if not isinstance(body, Mapping):
        return Refusal(status=status, after=after)
    error = body.get("error")
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, Mapping) else None
    details = [m for m in messages if isinstance(m, str)] if isinstance(messages, list) else []
    if isinstance(body.get("needed"), str):
        details.append(f"needed: {body['needed']}")
    return Refusal(
        word=cut(clean(error), 80) if isinstance(error, str) else "",
        status=status,
        after=after,
        details=tuple(cut(clean(detail), 200) for detail in details[:5]),
    )


def outcome(refused: Refusal) -> Retry | Rejected:
    """Judge a refusal.

    429 and the words of `BUSY` wait for as long as Slack asks; 5xx and `BROKEN` may have posted; an answer that can't
    be read may have, too. Everything else will fail the same way again, until a person changes something.
    """
    word, status = refused.word, refused.status
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in BUSY:
        return Retry(reason=f"Slack asks to slow down ({word or 'HTTP 429'})", after=refused.after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or word in BROKEN:
        return Retry(reason=f"Slack failed ({word or f'HTTP {status}'})", after=refused.after, ambiguous=True)
    if word in AWAY:
        return Retry(reason=f"Slack is not available ({word})", after=refused.after)
    if not word and status == HTTPStatus.OK:
        return Retry(reason="Slack's answer could not be read", ambiguous=True)
    said = f"Slack says {word}" if word else f"Slack answers HTTP {status}"
    details = f" [{'; '.join(refused.details)}]" if refused.details else ""
    advice = ADVICE.get(word, "see https://docs.slack.dev/reference/methods/chat.postMessage#errors")
    return Rejected(reason=f"{said}{details}: {advice}.")
