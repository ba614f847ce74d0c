"""Health and metrics over HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from tocsin.errors import ConfigError
from tocsin.model import Delivered, Rejected, Retry
from tocsin.telemetry import Metrics
from tocsin.web.health import Health
from tocsin.web.server import WebServer


@pytest.fixture
async def served() -> AsyncIterator[tuple[Health, Metrics, str]]:
    health, metrics = Health(started_at=datetime(2026, 1, 1, tzinfo=UTC)), Metrics()
    server = WebServer(health, metrics)
    port = await server.start("127.0.0.1", 0)
    yield health, metrics, f"http://127.0.0.1:{port}"
    await server.close()


async def _get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_it_is_alive_before_it_is_ready(served: tuple[Health, Metrics, str]) -> None:
    """Until store and model are there, /healthz says 200 and /readyz 503, both with the reasons."""
    health, _, url = served
    assert (await _get(f"{url}/healthz"))[0] == 200
    status, body = await _get(f"{url}/readyz")
    assert status == 503
    assert "not connected yet" in body
    health.store = health.model = ""
    assert (await _get(f"{url}/readyz"))[0] == 200


async def test_a_bad_edit_is_degraded_yet_ready(served: tuple[Health, Metrics, str]) -> None:
    """The old rules ring on, so that readiness holds; the status says that a person is needed."""
    health, _, url = served
    health.store = health.model = ""
    health.rules = "rules/x.yaml:3:5: unknown key"
    status, body = await _get(f"{url}/readyz")
    assert status == 200
    assert '"degraded"' in body
    assert "rules/x.yaml:3:5" in body


async def test_what_was_not_delivered_is_told_until_something_is(served: tuple[Health, Metrics, str]) -> None:
    """A receiver that can't be rung is told by name and reason; a turn that is still to come is no trouble."""
    health, _, url = served
    health.store = health.model = ""
    health.delivered("ops", Retry(reason="others wait", tried=False))
    assert '"ok"' in (await _get(f"{url}/readyz"))[1]
    health.delivered("ops", Retry(reason="Slack says invalid_auth"))
    status, body = await _get(f"{url}/readyz")
    assert (status, json.loads(body)["status"]) == (200, "degraded")
    assert json.loads(body)["parts"]["receivers"] == "`ops`: Slack says invalid_auth"
    health.delivered("ops", Delivered())
    assert health.status == "ok"


async def test_what_another_replica_delivered_is_no_trouble(served: tuple[Health, Metrics, str]) -> None:
    """What was to be tried again has been when nothing waits; a dead letter stays as long as its receiver does."""
    health, _, _ = served
    health.delivered("ops", Retry(reason="no answer"))
    health.delivered("desk", Rejected(reason="no"))
    health.nothing_waits()
    health.named(("desk",))
    assert health.report()["parts"]["receivers"] == "`desk`: no"
    health.named(("ops",))
    assert health.report()["parts"]["receivers"] == "ok"


async def test_what_dies_for_a_receiver_that_is_gone_is_no_lasting_trouble(
    served: tuple[Health, Metrics, str],
) -> None:
    """What waited for it is tried again for a day, and told so; then it is a dead letter, which `tocsin dead` tells."""
    health, _, _ = served
    health.store = health.model = ""
    health.named(("ops",))
    health.delivered("desk", Retry(reason="the rules have no receiver named `desk` any more"))
    assert health.status == "degraded"
    health.delivered("desk", Rejected(reason="given up"))
    assert health.status == "ok"
    health.delivered("ops", Rejected(reason="no"))
    assert health.report()["parts"]["receivers"] == "`ops`: no"


async def test_metrics_are_in_the_exposition_format(served: tuple[Health, Metrics, str]) -> None:
    """A scrape shows every family with its help, and the counts."""
    _, metrics, url = served
    metrics.polls.labels("fetched").inc()
    status, body = await _get(f"{url}/metrics")
    assert status == 200
    assert 'tocsin_polls_total{outcome="fetched"} 1.0' in body
    assert "# HELP tocsin_outbox_depth" in body


async def test_a_port_in_use_is_a_sentence(served: tuple[Health, Metrics, str]) -> None:
    """Whoever holds the port, the error names the address and the setting."""
    _, _, url = served
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConfigError, match=f"can't listen on 127.0.0.1:{port}.*TOCSIN_HTTP_LISTEN"):
        await WebServer(Health(started_at=datetime(2026, 1, 1, tzinfo=UTC)), Metrics()).start("127.0.0.1", port)
