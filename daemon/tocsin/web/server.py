"""One port for `/healthz`, `/readyz` and `/metrics`, and for hubs, if they are to push, `/websub/`."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tocsin.errors import ConfigError
from tocsin.telemetry import Metrics
from tocsin.web.callbacks import Callbacks
from tocsin.web.health import Health


class WebServer:
    """Serves health and metrics until closed; reads only, but for `callbacks`."""

    def __init__(self, health: Health, metrics: Metrics, callbacks: Callbacks | None = None) -> None:
        self._health = health
        self._metrics = metrics
        app = web.Application(client_max_size=1024)
        app.add_routes(
            [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz), web.get("/metrics", self._scrape)]
        )
        if callbacks is not None:
            app.add_routes(callbacks.routes())
        # Nothing that is sent here is unpacked: a bomb stays as small as it came.
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, auto_decompress=False)

    async def start(self, host: str, port: int) -> int:
        """Listen on `host:port`; returns the port, which the system chose if `port` was 0.

        Raises:
            ConfigError: the address can't be listened on.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"can't listen on {host}:{port} ({error.strerror or error}); "
                "set TOCSIN_HTTP_LISTEN to another address, or to `off`"
            ) from error
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response(self._health.report())

    async def _readyz(self, _request: web.Request) -> web.Response:
        return web.json_response(self._health.report(), status=200 if self._health.ready else 503)

    async def _scrape(self, _request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
