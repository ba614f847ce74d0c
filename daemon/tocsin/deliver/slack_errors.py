"""What Slack's refusals mean: try again, also until a person has put it right, or a dead letter. Pure."""

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
MENDED: Final = timedelta(minutes=5)
"""How soon to look whether a person has put right what he can: a token, a scope, a channel."""

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
}
"""What a person can put right, and how."""

OURS: Final = frozenset(
    {
        *{"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text"},
        *{"metadata_too_large", "invalid_metadata_format"},
    }
)
"""What no user can put right: the message that we made."""


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


def passing(refused: Refusal) -> Retry | None:
    """When to try again what Slack can't do for now; None for what will fail the same way until somebody acts.

    429 and the words of `BUSY` wait for as long as Slack asks; 5xx and `BROKEN` may have posted; an answer that can't
    be read may have, too.
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
    return None


def outcome(refused: Refusal) -> Retry | Rejected:
    """Judge a refusal to post: what passes, or what a person can put right, is tried again; else a dead letter.

    An answer without a word isn't Slack's: something stands in its place.
    """
    passes = passing(refused)
    if passes is not None:
        return passes
    if refused.word in ADVICE or not refused.word:
        return Retry(reason=sentence(refused), after=MENDED)
    return Rejected(reason=sentence(refused))


def sentence(refused: Refusal) -> str:
    """A refusal in Slack's own word, and what to do about it."""
    word = refused.word
    said = f"Slack says {word}" if word else f"Slack answers HTTP {refused.status}"
    details = f" [{'; '.join(refused.details)}]" if refused.details else ""
    if not word:
        return f"{said}: check TOCSIN_SLACK_API_URL, and whether a proxy answers in Slack's place."
    unknown = "see https://docs.slack.dev/reference/methods/chat.postMessage#errors"
    ours = "this is a fault in Tocsin; please report it with this line"
    return f"{said}{details}: {ours if word in OURS else ADVICE.get(word, unknown)}."
