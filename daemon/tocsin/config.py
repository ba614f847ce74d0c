"""The settings, read from the environment; every fault is told at once, and none shows a secret.

Laws:
1. An empty variable is an unset one: compose files pass them so.
2. A secret may also come from the file that `NAME_FILE` names; to set both is a fault.
3. A variable that begins with `TOCSIN_` and means nothing is a fault: a slip must not be silence.
"""

import ipaddress
import re
import urllib.parse
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeAlias, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    model_validator,
)
from yarl import URL

from tocsin.errors import ConfigError
from tocsin.politeness import HostLimit, limit_of
from tocsin.rulebook.duration import Duration, Window
from tocsin.rulebook.faults import closest, listed, suggestion
from tocsin.rulebook.vocabulary import Text, WebAddress
from tocsin.rulebook.words import check, said

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

PREFIX = "TOCSIN_"
MAX_SECRET_BYTES = 64 * 1024
"""Docker's and Kubernetes' own secrets are smaller than a megabyte; a token has a hundred bytes."""

_INJECTED = re.compile(r"TOCSIN_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")
"""What Kubernetes puts into every container beside a service that is called `tocsin`."""


class Listen(NamedTuple):
    """Where health, metrics and the console are served. Port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        """`127.0.0.1:9464`, `[::1]:9464`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class LogSettings(NamedTuple):
    """How the log looks (`auto`: for people on a terminal, else JSON) and from which level on."""

    format: Literal["auto", "console", "json"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


def _listen(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip().casefold() == "off":
        return None
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:\[\]]+)):(\d{1,5})", value.strip())
    if match is None or int(match[3]) > 65535:  # noqa: PLR2004  the highest port
        raise said("{field} must be an address and a port, like 127.0.0.1:9464 or [::1]:9464, or `off`")
    return Listen(match[1] or match[2], int(match[3]))


def _networks(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    networks = []
    for word in re.split(r"[\s,]+", value.strip()):
        try:
            networks.append(ipaddress.ip_network(word))
        except ValueError as error:
            why = (
                "its host bits must be zero"
                if "host bits" in str(error)
                else "write networks like 10.0.0.0/8 or fd00::/8"
            )
            raise said(f"{{field}}: `{word[:60]}` is not a network; {why}") from None
    return tuple(networks)


def _host_limits(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    limits = {}
    for word in re.split(r"[\s,]+", value.strip()):
        host, _, written = word.rpartition("=")
        bare = host.strip("[]")
        try:
            name = "*" if host == "*" else URL(f"http://[{bare}]" if ":" in bare else f"http://{bare}").raw_host
            limits[name or ""] = limit_of(written)
        except ValueError:
            name = None
        if not name:
            raise said(
                f"{{field}}: `{word[:60]}` is no limit of a host; write news.example=2/s, *=1/5s:4 (with four polls at"
                " once) or feeds.internal.example=off"
            )
    return limits


def _log(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    format_, _, level = value.strip().casefold().partition(":")
    formats, levels = ("auto", "console", "json"), ("debug", "info", "warning", "error")
    if format_ in levels and not level:
        format_, level = "auto", format_
    wrong = (format_, formats) if format_ not in formats else (level, levels) if level and level not in levels else None
    if wrong is not None:
        hint = suggestion(*wrong)
        raise said(f"{{field}} must be {listed(formats)}, with a level if you like, like json:debug{hint}")
    return LogSettings(format_, level or "info")  # type: ignore[arg-type]  # checked just above


def _redis_url(value: Any) -> Any:
    secret = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(secret, str) or urllib.parse.urlsplit(secret).scheme not in {"redis", "rediss", "unix"}:
        raise said("{field} must begin with redis://, rediss:// or unix://")
    return SecretStr(secret)


def _token(kind: str, wrong: str, other: str) -> BeforeValidator:
    def validate(value: Any) -> Any:
        secret = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(secret, str) or any(not c.isprintable() or c.isspace() for c in secret):
            raise said("{field} must be one word without spaces")
        if secret.startswith(wrong):
            raise said(
                f"{{field}} holds a token that belongs into {other}; here belongs the one that begins with {kind}"
            )
        return SecretStr(secret)

    return BeforeValidator(validate)


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"


def _public(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" or "@" in parts.netloc or parts.query or parts.fragment:
        raise said("{field} must be an https:// address without user, query or fragment")
    return _with_slash(url)


def _contact(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    contact = value.strip()
    if not re.fullmatch(r"[ -~]{0,150}[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+", contact):  # printable ASCII, as headers are
        raise said("{field} must be an e-mail address, with a name before it if you like")
    return contact


def _folded(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


class Settings(BaseModel):
    """All settings. Each stands in the environment as `TOCSIN_` and its name in capitals."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        alias_generator=lambda name: PREFIX + name.upper(),
        hide_input_in_errors=True,
    )

    rules: Path = Path("rules")
    """A folder of YAML files, or one file."""
    data: Path = Path("data")
    """Where the embedded store and its lock live; unused with `redis_url`."""
    redis_url: Annotated[SecretStr, BeforeValidator(_redis_url)] | None = None
    """`redis://`, `rediss://` or `unix://`; unset, a server is started in `data`."""
    model: Text = "all-MiniLM-L6-v2"
    """The name or folder of a sentence-transformers model."""
    slack_bot_token: Annotated[SecretStr, _token("xoxb-", "xapp-", "TOCSIN_SLACK_APP_TOKEN")] | None = None
    slack_app_token: Annotated[SecretStr, _token("xapp-", "xoxb-", "TOCSIN_SLACK_BOT_TOKEN")] | None = None
    slack_api_url: Annotated[WebAddress, AfterValidator(_with_slash)] = "https://slack.com/api/"
    """Ends in a slash."""
    http_listen: Annotated[Listen | None, BeforeValidator(_listen)] = Listen("127.0.0.1", 9464)
    """None: nothing is served."""
    public_url: Annotated[WebAddress, AfterValidator(_public)] | None = None
    """Where the Internet reaches `http_listen`, by TLS, so that hubs can push; ends in a slash."""
    allow_networks: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = ()
    """Private networks from which feeds may be fetched all the same."""
    host_limits: Annotated[Mapping[str, HostLimit | None], BeforeValidator(_host_limits)] = Field(default_factory=dict)
    """How often hosts may be asked, by host; `*` is every other, None is no limit."""
    proxy: Annotated[Literal["off", "environment"], BeforeValidator(_folded)] = "off"
    """Whether feeds are fetched through the proxies that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name."""
    contact: Annotated[str, BeforeValidator(_contact)] | None = None
    """An e-mail address, sent to those publishers alone that demand one (SEC EDGAR)."""
    full_text: Literal["auto", "off"] = "auto"
    """`auto`: the articles of items worth it are fetched, where their feed doesn't say otherwise; `off`: none is."""
    google_links: Literal["keep", "resolve"] = "resolve"
    """`resolve`: Google is asked where its links of flagged items lead, though robots.txt says no; `keep`: never."""
    log: Annotated[LogSettings, BeforeValidator(_log)] = LogSettings()
    seed_window: Window = timedelta(hours=24)
    """How old an item of a new feed may be and still ring."""
    stories_for: Duration = timedelta(days=14)
    """How long after its last item a story is open."""
    stories: int = Field(default=20_000, ge=100, le=1_000_000)
    """Stories that are open at once; beyond, those told longest ago are forgotten."""
    drain_seconds: float = Field(default=20.0, ge=0, le=3600, allow_inf_nan=False)
    """How long a stop waits for the outbox."""
    lease: Duration = timedelta(seconds=50)
    """How long a feed or a delivery is one replica's, renewed while a poll lasts; after a crash another takes it over
    that much later, and so, with a tick, within a minute."""
    poll_every: Duration = timedelta(minutes=5)
    """How often the feeds that name no interval are asked, on the average over all of them."""
    poll_fastest: Duration | None = None
    """No such feed is asked more often; unset, a fifth of `poll_every`."""
    poll_slowest: Duration | None = None
    """No such feed is asked less often, while it answers; unset, three times `poll_every` or its publisher's wish."""
    poll_concurrency: int = Field(default=50, ge=1, le=1000)
    """Feeds polled at the same time."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.poll_fastest is not None and self.poll_fastest > self.poll_every:
            raise said("`TOCSIN_POLL_FASTEST` must not be longer than `TOCSIN_POLL_EVERY`")
        if self.poll_slowest is not None and self.poll_slowest < self.poll_every:
            raise said("`TOCSIN_POLL_SLOWEST` must not be shorter than `TOCSIN_POLL_EVERY`")
        return self

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from `environ`, and secrets from the files that it names.

        Raises:
            ConfigError: with every fault, one a line, each beginning with the variable's name.
        """
        values, faults = _values(environ)
        settings, complaints = check(_ADAPTER, values)
        faults.extend(complaint.message for complaint in complaints)
        if settings and settings.public_url and settings.http_listen is None:
            faults.append("`TOCSIN_PUBLIC_URL` needs `TOCSIN_HTTP_LISTEN`, which is `off`: hubs call there")
        if faults:
            raise ConfigError("\n".join(sorted(faults)))
        return cast("Settings", settings)


_ADAPTER: TypeAdapter[Settings] = TypeAdapter(Settings)
_VARIABLES = tuple(PREFIX + name.upper() for name in Settings.model_fields)
_SECRETS = ("TOCSIN_REDIS_URL", "TOCSIN_SLACK_APP_TOKEN", "TOCSIN_SLACK_BOT_TOKEN")
_FILES = {f"{name}_FILE": name for name in _SECRETS}


def _values(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What was set, by variable, and what is wrong with how it was set."""
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value.strip()}
    values = {name: value for name, value in given.items() if name in _VARIABLES}
    faults = []
    for name in given:
        if name in _FILES:
            try:
                secret = _secret(name, given)
            except ConfigError as error:
                faults.append(str(error))
            else:
                values[_FILES[name]] = secret
        elif name not in _VARIABLES and not _INJECTED.fullmatch(name):
            # What all of them begin with would make a stranger look near.
            known = {each.removeprefix(PREFIX): each for each in (*_VARIABLES, *_FILES)}
            near = closest(name.removeprefix(PREFIX), known)
            faults.append(f"unknown variable `{name}`" + (f", did you mean `{known[near]}`?" if near else ""))
    return values, faults


def _secret(name: str, given: Mapping[str, str]) -> str:
    """The secret in the file that the variable `name` gives, without the newline that editors leave."""
    path = Path(given[name])
    if _FILES[name] in given:
        raise ConfigError(f"`{_FILES[name]}` and `{name}` are both set; unset one")
    try:
        if not path.is_file():
            raise ConfigError(f"`{name}`: there is no file {path}")
        with path.open("rb") as stream:
            data = stream.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"`{name}`: {path} can't be read: {(error.strerror or 'unknown').lower()}") from None
    if len(data) > MAX_SECRET_BYTES:
        raise ConfigError(f"`{name}`: {path} is larger than {MAX_SECRET_BYTES:,} bytes, which is no secret")
    try:
        secret = data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"`{name}`: {path} is not UTF-8 text") from None
    if not secret:
        raise ConfigError(f"`{name}`: {path} is empty")
    return secret
