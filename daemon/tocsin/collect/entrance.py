"""From a feed's `auth` and `ca` to what its requests carry."""

from collections.abc import Mapping
from pathlib import Path

from yarl import URL

from tocsin.access import Access, AccessError, authorities, basic, bearer, secret
from tocsin.collect.feeds import feeds_of
from tocsin.errors import ConfigError
from tocsin.ports import Source
from tocsin.rulebook.schema import Auth, FeedSpec, Rulebook


class EntranceError(AccessError):
    """The fault stands at `path` of the feed as it is written."""

    def __init__(self, path: tuple[str, ...], text: str) -> None:
        super().__init__(f"`{'.'.join(path)}` {text}")
        self.path = path


def entrance(spec: FeedSpec, url: str, environ: Mapping[str, str]) -> Access | None:
    """Return what the requests of the feed at `url`, described by `spec`, carry; None if nothing.

    Raises:
        EntranceError: a variable isn't set, or the file of authorities can't be read.
    """
    if spec.auth is None and spec.ca is None:
        return None
    trusted = None
    if spec.ca is not None:
        try:
            trusted = authorities(Path(spec.ca))
        except AccessError as error:
            raise EntranceError(("ca",), str(error)) from None
    origin = str(URL(url).origin())
    if spec.auth is None:
        return Access(origin=origin, authorities=trusted)
    header, path, name = _way(spec.auth)
    try:
        value = secret(environ, name)
    except AccessError as error:
        raise EntranceError(("auth", *path), str(error)) from None
    if spec.auth.basic is not None:
        value = basic(spec.auth.basic.user, value)
    elif spec.auth.bearer_env is not None:
        value = bearer(value)
    return Access(origin=origin, header=header, value=value, authorities=trusted)


def entrances(rulebook: Rulebook, sources: Mapping[str, Source], environ: Mapping[str, str]) -> dict[str, Access]:
    """Return what the feeds' requests carry, by the feed's id.

    Raises:
        ConfigError: a variable isn't set, or a file can't be read.
    """
    found = {}
    for spec in rulebook.feeds:
        if spec.auth is not None or spec.ca is not None:
            for feed in feeds_of(spec, rulebook.watch, sources):
                try:
                    carried = entrance(spec, feed.url, environ)
                except EntranceError as error:
                    raise ConfigError(f"the feed {feed.name}: {error}") from None
                if carried is not None:
                    found[feed.id] = carried
    return found


def _way(auth: Auth) -> tuple[str, tuple[str, ...], str]:
    """The header, the key that names the variable, and the variable."""
    if auth.basic is not None:
        return "Authorization", ("basic", "password_env"), auth.basic.password_env
    if auth.bearer_env is not None:
        return "Authorization", ("bearer_env",), auth.bearer_env
    return auth.header or "", ("value_env",), auth.value_env or ""
