"""The one HTTP client: it fetches what strangers serve and can't be led astray by them.

Laws:
1. Whatever the other side does becomes a value: a `Response` or a `FetchFailed`.
2. The address that is dialled is checked, not the name: whatever DNS or a redirect says ends in `_dialler`. Through a
   proxy, which dials itself, only what a URL itself says is checked; nobody has one who didn't ask for it. Nothing from
   outside leads to a network that is open for feeds of one's own: no redirect, and nothing that a document names.
3. No more than `body_cap` bytes are ever held, neither as they came nor unpacked; headers have `HEADER_CAP`, and what
   unpacks to far more than came (`unpacking.bomb`) isn't taken.
4. A user name, a password, a secret header or a query never stands in a reason, and never goes to another origin. Nor
   does what looks like a key in a path (`keys.py`) stand in a reason.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import aiohttp
from yarl import URL

from tocsin import __version__
from tocsin.access import Access
from tocsin.addresses import Network, forbidden
from tocsin.keys import masked
from tocsin.model import FetchFailed
from tocsin.proxy import Proxies, literal
from tocsin.unpacking import BadBodyError, Body

USER_AGENT = f"Tocsin/{__version__} (+https://pypi.org/project/tocsin/)"
BODY_CAP = 8 * 1024 * 1024
HEADER_CAP = 64 * 1024
MAX_REDIRECTS = 5

Before = Callable[[str], Awaitable[FetchFailed | None]]

FailureKind = Literal["dns", "connect", "timeout", "tls", "http", "forbidden_address", "too_large", "busy"]

_PERMANENT = frozenset({301, 308})
_REPEATED = frozenset({307, 308})  # what was sent is sent again; the others may turn it into a GET
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Half of a validator is useless, and no server needs more than this; what is longer is dropped, not cut.
_VALIDATOR_CAP = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer that is not a redirect.

    `url` is where it came from in the end, without user and password; `permanent_url` where to ask next time: it
    follows an unbroken chain of 301 and 308 from the first address. `headers` have lower-case names. `body` is
    unpacked, and empty unless the status is a 2xx. It came from `inside` if the address that was dialled isn't public,
    and so is an allowed one.
    """

    status: int
    url: str
    permanent_url: str
    headers: Mapping[str, str]
    body: bytes
    inside: bool = False

    @property
    def content_type(self) -> str:
        """The media type, in lower case and without its parameters; empty if the server gave none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def etag(self) -> str | None:
        """The entity tag, if it can be sent back."""
        return _validator(self.headers.get("etag"))

    @property
    def last_modified(self) -> str | None:
        """The date of last change in the server's own words, if it can be sent back."""
        return _validator(self.headers.get("last-modified"))


def _validator(value: str | None) -> str | None:
    if value is None or not value.strip() or len(value) > _VALIDATOR_CAP:
        return None
    return value if value.isascii() and value.isprintable() else None


def redact(url: str) -> str:
    """Return `url` without what may be secret in it: user name, password, query, fragment, and a key in its path."""
    try:
        parsed = URL(url)
        bare = parsed.with_user(None).with_path(masked(parsed.raw_path), encoded=True)
    except ValueError:
        return "an address"
    if not parsed.absolute:
        return "an address"
    return f"{bare}?..." if parsed.raw_query_string else str(bare)


def host_of(url: str) -> str:
    """The host of `url` as it is asked: lower case, ASCII; empty if there is none."""
    try:
        return URL(url.strip()).raw_host or ""
    except ValueError:
        return ""


class Gate(Protocol):
    """Who has a say before a host is asked."""

    async def enter(self, host: str) -> FetchFailed | None:
        """Return when `host` may be asked, however long that takes; or why it may not be."""
        ...


class _ForbiddenAddressError(OSError):
    """One text for all addresses: only then does the connector hand on the error as it is when a name has several."""

    def __init__(self, address: str) -> None:
        super().__init__("not an address of the public Internet")
        self.address = address


class _Answer(aiohttp.ClientResponse):
    """It knows the address that it came from, whose connection may be another's by the time its body is there."""

    peer = ""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        name = connection.transport.get_extra_info("peername") if connection.transport is not None else None
        self.peer = str(name[0]) if name else ""
        return await super().start(connection)


class Http:
    """One session for all feeds; an async context manager.

    `allow_networks` are ranges that may be dialled though they aren't public. `timeout` bounds a whole `get` in
    seconds, redirects and body included; `connect_timeout` each connection, `read_timeout` each silence. `contact` is
    the address of whoever runs this, for those alone that demand one. `proxies` are asked in the place of the hosts.
    """

    def __init__(
        self,
        *,
        allow_networks: Sequence[Network] = (),
        user_agent: str = USER_AGENT,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        read_timeout: float = 15.0,
        body_cap: int = BODY_CAP,
        connections: int = 100,
        connections_per_host: int = 8,
        contact: str | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self.contact = contact
        self._proxies = proxies
        self._access: Access | None = None
        self._to_proxy: aiohttp.ClientSession | None = None
        self._allow = tuple(allow_networks)
        self._user_agent = user_agent
        self._timeout = timeout
        self._steps = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout, sock_read=read_timeout)
        self._body_cap = body_cap
        self._per_host = connections_per_host
        # Waiting for a slot must not eat a feed's own time: thousands of feeds are due at once after a restart.
        self._slots = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None
        self._public: aiohttp.ClientSession | None = None
        self._gate: Gate | None = None
        self._noted: list[bool] | None = None

    def through(self, gate: Gate) -> Self:
        """The same client, with its connections and bounds, whose every request, redirects too, passes `gate` first."""
        gated = self._twin()
        gated._gate = gate  # noqa: SLF001  # its own
        return gated

    def bearing(self, access: Access | None) -> Self:
        """The same client, with its connections and bounds, whose requests carry what lets one feed in."""
        if access is None:
            return self
        bearer = self._twin()
        bearer._access = access  # noqa: SLF001  # its own
        return bearer

    def noting(self, inside: list[bool]) -> Self:
        """The same client, with its connections and bounds, for one errand: each answer may name what is asked next.

        It notes of each whether it is `inside`. After one that isn't it goes nowhere inside.
        """
        noting = self._twin()
        noting._noted = inside  # noqa: SLF001  # its own
        return noting

    def outside(self) -> Self:
        """The same client, with its connections and bounds, for what a stranger has named."""
        stranger = self._twin()
        stranger._allow = ()  # noqa: SLF001  # its own
        return stranger

    def _twin(self) -> Self:
        twin = object.__new__(type(self))  # `copy.copy` asks many questions first
        twin.__dict__.update(self.__dict__)
        return twin

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = self._opened(_dialler(self._allow))
        self._public = self._opened(_dialler(())) if self._allow else self._session
        if self._proxies is not None:  # may well stand in the user's own network; nothing else is dialled here
            self._to_proxy = self._opened(None)
        return self

    def _opened(self, dialler: Callable[[aiohttp.AddrInfoType], socket.socket] | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=self._per_host, socket_factory=dialler),
            response_class=_Answer,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate, br"},
            timeout=self._steps,
            auto_decompress=False,  # its own unpacking bounds a chunk, not the whole
            trust_env=False,  # it would read passwords from ~/.netrc, too
            max_line_size=16 * 1024,
            max_field_size=32 * 1024,  # publishers' content security policies are longer than the default of 8 KiB
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session and its connections."""
        await self.close()

    async def close(self) -> None:
        """Close the session and its connections."""
        for session in filter(None, (self._session, self._public, self._to_proxy)):
            await session.close()
        self._session = self._public = self._to_proxy = None

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = "*/*",
        user_agent: str | None = None,
        before: Before | None = None,
    ) -> Response | FetchFailed:
        """Fetch `url`, conditionally if a validator of an earlier answer is given, as `user_agent` if one is.

        `before` each redirect is followed, its address is shown; where that gives a failure, the fetch ends with it.

        Any status but a followed redirect is a `Response`. A `FetchFailed` is for what gave no answer, or one that
        can't be taken (too large, a redirect to nowhere, a broken body).
        """
        headers = {"Accept": accept} | ({"User-Agent": user_agent} if user_agent else {})
        if tag := _validator(etag):
            headers["If-None-Match"] = tag
        if date := _validator(last_modified):
            headers["If-Modified-Since"] = date
        async with self._slots:
            try:
                async with asyncio.timeout(None if self._gate else self._timeout) as deadline:
                    return await self._follow(url, headers, deadline, before)
            except TimeoutError:
                return FetchFailed(kind="timeout", reason=f"{redact(url)} took longer than {self._timeout:g} s")

    async def post(self, url: str, form: Mapping[str, str]) -> Response | FetchFailed:
        """Send `form` to `url`, and again to where a 307 or 308 leads, never from TLS to without.

        What comes back is as with `get`; any other redirect is a `Response`.
        """
        async with self._slots:
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._send(url, form)
            except TimeoutError:
                return FetchFailed(kind="timeout", reason=f"{redact(url)} took longer than {self._timeout:g} s")

    async def _send(self, url: str, form: Mapping[str, str]) -> Response | FetchFailed:
        here = _http_url(url)
        if here is None:
            return FetchFailed(kind="http", reason=f"{redact(url)} is not an http or https address")
        allow: Sequence[Network] = self._allow
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._ask(allow, here, {}, str(here), form)
            if isinstance(answer, FetchFailed) or answer.status not in _REPEATED:
                return answer
            there = _target(here, answer.headers.get("location"))
            if isinstance(there, FetchFailed):
                return there
            if (here.scheme, there.scheme) == ("https", "http"):
                return FetchFailed(kind="redirect", reason=f"{redact(str(here))} redirects to an address without TLS")
            here, allow = there, allow if answer.inside else ()
        return FetchFailed(kind="redirect", reason=f"{redact(url)} redirects more than {MAX_REDIRECTS} times")

    async def _follow(
        self, url: str, headers: dict[str, str], deadline: asyncio.Timeout, before: Before | None
    ) -> Response | FetchFailed:
        here = _http_url(url)
        if here is None:
            return FetchFailed(kind="http", reason=f"{redact(url)} is not an http or https address")
        permanent, unbroken = here, True
        allow: Sequence[Network] = self._allow if all(self._noted or ()) else ()
        for _ in range(MAX_REDIRECTS + 1):
            if self._gate is not None and (refused := await self._pass(self._gate, here, deadline)) is not None:
                return refused
            answer = await self._ask(allow, here, headers, str(permanent))
            if self._noted is not None and isinstance(answer, Response):
                self._noted.append(answer.inside)
            if isinstance(answer, FetchFailed) or answer.status not in _REDIRECTS:
                return answer
            there = _target(here, answer.headers.get("location"))
            if isinstance(there, FetchFailed):
                return there
            if before is not None and (refusal := await before(str(there))) is not None:
                return refusal
            unbroken = unbroken and answer.status in _PERMANENT
            here, allow = there, allow if answer.inside else ()
            permanent = here if unbroken else permanent
        return FetchFailed(
            kind="redirect", reason=f"{redact(url)} redirects more than {MAX_REDIRECTS} times, or in a circle"
        )

    async def _pass(self, gate: Gate, here: URL, deadline: asyncio.Timeout) -> FetchFailed | None:
        """Wait at the gate, which has its own patience: what is spent there is not taken from the fetch."""
        loop, ends = asyncio.get_running_loop(), deadline.when()
        left = self._timeout if ends is None else ends - loop.time()  # None: this is the first gate
        if ends is not None:
            deadline.reschedule(None)
        refused = await gate.enter(here.raw_host or "")
        deadline.reschedule(loop.time() + left)
        return refused

    async def _ask(
        self,
        allow: Sequence[Network],
        url: URL,
        headers: dict[str, str],
        permanent: str,
        form: Mapping[str, str] | None = None,
    ) -> Response | FetchFailed:
        where, proxy = url, self._proxies.of(url) if self._proxies is not None else None
        session, written = self._session if allow else self._public, None
        if proxy is not None:
            session, written = self._to_proxy, literal(url.host or "")
            if written is not None and forbidden(written, allow):
                return FetchFailed(kind="forbidden_address", reason=f"{redact(str(where))}: {_standing(written)}")
        if session is None:
            raise RuntimeError("Http is used outside its `async with`")
        tls: ssl.SSLContext | bool = True
        if self._access is not None:
            if secret := self._access.headers(str(url.origin())):
                url, headers = url.with_user(None), headers | secret
            tls = self._access.authorities or True
        method = "GET" if form is None else "POST"
        more: dict[str, Any] = {"proxy": proxy, "ssl": tls, "data": form}
        try:
            async with session.request(method, url, headers=headers, allow_redirects=False, **more) as answer:
                if sum(len(name) + len(value) for name, value in answer.raw_headers) > HEADER_CAP:
                    reason = f"{redact(str(where))} sends more than {HEADER_CAP // 1024} KiB of headers"
                    return FetchFailed(kind="too_large", reason=reason)
                body = await self._body(answer) if 200 <= answer.status < 300 else b""  # noqa: PLR2004  # the 2xx class
                told: dict[str, list[str]] = {}
                for name, value in answer.headers.items():
                    told.setdefault(name.lower(), []).append(value)
                peer = (answer.peer if proxy is None and isinstance(answer, _Answer) else written) or ""
                return Response(
                    status=answer.status,
                    url=str(url.with_user(None) if "@" in url.raw_authority else url),
                    permanent_url=permanent,
                    headers={name: ", ".join(values) for name, values in told.items()},
                    body=body,
                    inside=peer != "" and forbidden(peer),
                )
        except BadBodyError as error:
            return FetchFailed(kind=error.kind, reason=f"{redact(str(where))} {error}")
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            return _failure(error, redact(str(where)))

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        body = Body(answer.headers.get("Content-Encoding", "").strip().lower(), self._body_cap)
        body.expect(answer.content_length or 0)
        async for chunk in answer.content.iter_any():
            body.add(chunk)
        return body.whole()


def _http_url(url: str) -> URL | None:
    try:
        parsed = URL(url.strip())
    except ValueError:
        return None
    return parsed if parsed.scheme in {"http", "https"} and parsed.host else None


def _target(here: URL, location: str | None) -> URL | FetchFailed:
    """Where a redirect leads. Credentials stay with their origin: kept on it, dropped on the way to another."""
    if not location:
        return FetchFailed(kind="redirect", reason=f"{redact(str(here))} redirects without saying where to")
    try:
        there = _http_url(str(here.join(URL(location.strip()))))
    except ValueError:
        there = None
    if there is None:
        return FetchFailed(kind="redirect", reason=f"{redact(str(here))} redirects to what is no http or https address")
    there = there.with_user(None).with_fragment(None)
    if there.origin() == here.origin():
        there = there.with_user(here.user).with_password(here.password)
    return there


def _dialler(allow: Sequence[Network]) -> Callable[[aiohttp.AddrInfoType], socket.socket]:
    """What opens a socket for an address, if that is a public one or in `allow`."""

    def dial(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, proto, _, sockaddr = info
        if forbidden(str(sockaddr[0]), allow):
            raise _ForbiddenAddressError(str(sockaddr[0]))
        return socket.socket(family=family, type=kind, proto=proto)

    return dial


def _failure(error: Exception, where: str) -> FetchFailed:
    """An error of the client as a sentence. The client's own texts aren't quoted: they hold whole URLs."""
    kind: FailureKind
    match error:
        case TimeoutError():
            kind, text = "timeout", "no answer in time"
        case aiohttp.InvalidURL():
            kind, text = "http", "this is no address that can be asked"
        case aiohttp.ClientConnectorDNSError() | UnicodeError():
            kind, text = "dns", "the host has no address"
        case aiohttp.ClientConnectorCertificateError():
            kind, text = "tls", "the certificate is not valid for this host"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            kind, text = "tls", "no secure connection could be agreed on"
        case aiohttp.ClientConnectorError(os_error=_ForbiddenAddressError() as refusal):
            kind, text = "forbidden_address", _standing(refusal.address)
        case aiohttp.ClientConnectorError():
            proxy = " to the proxy" if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
            kind, text = "connect", f"no connection{proxy} ({error.os_error.strerror or 'refused'})"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError():
            kind, text = "connect", "the answer broke off before it was whole"
        case aiohttp.ClientResponseError() | ValueError():
            by_proxy = isinstance(error, aiohttp.ClientHttpProxyError)
            kind, text = "http", "the proxy refuses it" if by_proxy else "the answer is not valid HTTP"
        case _:  # RuntimeError among them: uvloop's word for what is written to a connection that is closed by then
            kind, text = "connect", "the connection failed"
    return FetchFailed(kind=kind, reason=f"{where}: {text}")


def _standing(address: str) -> str:
    return (
        f"the host stands at {address}, which is not a public address"
        " (TOCSIN_ALLOW_NETWORKS names the private ranges that feeds may be fetched from; nothing outside leads there)"
    )
