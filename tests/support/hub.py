"""A WebSub hub on loopback: takes subscriptions, asks whether they are meant, and pushes, signed, as it is told.

It speaks what the W3C Recommendation of 23 January 2018 (https://www.w3.org/TR/websub/) says of hubs, and it plays the
reverse proxy: what is to go below `PUBLIC` goes to the daemon's own port.
"""

import asyncio
import hashlib
import hmac
import secrets
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

PUBLIC = "https://tocsin.example/"
needs_openssl = shutil.which("openssl") is None


@dataclass(kw_only=True)
class Hub:
    """What it was asked (`requests`), whom it pushes to (`secrets_of`, by callback and topic), and how it behaves."""

    address: str = ""
    inside: str = ""
    """Where the daemon's port is: `http://127.0.0.1:9464/`."""
    lease: int = 864_000
    status: int = 202
    verifies: bool = True
    algorithm: str = "sha256"
    silent: bool = False
    leads_to: str = ""
    """Where it sends on who asks at `/old`."""
    requests: list[Mapping[str, str]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    secrets_of: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _session: aiohttp.ClientSession | None = None
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        """A request to subscribe or to end it: accepted, and verified afterwards."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(form)
        if self.silent:
            await asyncio.Event().wait()
        if self.status == 202 and self.verifies:
            call = asyncio.create_task(self._verify(form))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
        return web.Response(status=self.status)

    async def lead(self, _request: web.Request) -> web.Response:
        """A request at an address that isn't the hub's any more."""
        return web.Response(status=307, headers={"Location": self.leads_to})

    async def settled(self) -> None:
        """Wait until every call in hand has its answer."""
        while self._calls:
            await asyncio.wait(self._calls)

    async def _verify(self, form: Mapping[str, str]) -> None:
        mode, topic, callback = (form[f"hub.{name}"] for name in ("mode", "topic", "callback"))
        challenge = secrets.token_hex(16)
        lease = {"hub.lease_seconds": str(self.lease)} if mode == "subscribe" else {}
        asked = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge, **lease}
        status, text = await self.call(callback, **asked)
        if status == 200 and text == challenge:
            if mode == "subscribe":
                self.secrets_of[callback, topic] = form.get("hub.secret")
            else:
                self.secrets_of.pop((callback, topic), None)

    async def call(self, callback: str, **query: str) -> tuple[int, str]:
        """GET a callback, as a hub does that asks or denies; what it answered."""
        async with self.session.get(self.inward(callback), params=query) as answer:
            self.answers.append((answer.status, await answer.text()))
        return self.answers[-1]

    async def publish(self, topic: str, body: bytes, content_type: str = "application/rss+xml") -> list[int]:
        """Push `body` to all that subscribed to `topic`; what each answered."""
        told = []
        for (callback, subscribed), secret in self.secrets_of.items():
            if subscribed == topic:
                signature = self.signature(secret, body) if secret else None
                told.append(await self.push(callback, body, signature, content_type))
        return told

    async def push(
        self, callback: str, body: bytes, signature: str | None, content_type: str = "application/rss+xml", **more: str
    ) -> int:
        """POST `body` to a callback; the status that came back."""
        headers = {"Content-Type": content_type, **more, **({"X-Hub-Signature": signature} if signature else {})}
        async with self.session.post(self.inward(callback), data=body, headers=headers) as answer:
            return answer.status

    def signature(self, secret: str, body: bytes) -> str:
        """`X-Hub-Signature`, by the hub's algorithm."""
        return f"{self.algorithm}={hmac.new(secret.encode(), body, getattr(hashlib, self.algorithm)).hexdigest()}"

    def inward(self, callback: str) -> str:
        """Where the reverse proxy sends what is addressed to `callback`."""
        assert callback.startswith(PUBLIC)
        return self.inside + callback.removeprefix(PUBLIC)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The hub's own client."""
        assert self._session is not None
        return self._session


@asynccontextmanager
async def hub(certificate: Path | None = None) -> AsyncIterator[Hub]:
    """Run a hub on a free port of 127.0.0.1; with TLS if there is a certificate (`certify`)."""
    running = Hub()
    application = web.Application()
    application.add_routes([web.post("/", running.take), web.post("/old", running.lead)])
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    running.address = f"{'https' if certificate else 'http'}://127.0.0.1:{runner.addresses[0][1]}/"
    async with aiohttp.ClientSession() as running._session:
        try:
            yield running
        finally:
            for call in running._calls:
                call.cancel()
            await runner.cleanup()


def certify(folder: Path) -> Path:
    """A certificate for 127.0.0.1, with its key, that whoever names it in SSL_CERT_FILE trusts."""
    whole, key, bare = folder / "hub.pem", folder / "hub.key", folder / "hub.crt"
    request = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {key} -out {bare} -days 2"
        " -subj /CN=hub -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(request.split(), check=True, capture_output=True)
    whole.write_bytes(key.read_bytes() + bare.read_bytes())
    return whole
