"""One replica's view of its store's health."""

from collections.abc import Sequence

from tests.support.clock import START, FakeClock
from tests.support.desk import told, warnings
from tocsin.errors import StoreUnavailable
from tocsin.infra.memory import MemoryStore
from tocsin.storewatch import StoreWatch
from tocsin.web.health import Health


class Risky(MemoryStore):
    """A store with a setting that may cost what it is told."""

    async def risks(self) -> Sequence[str]:
        return ["the store throws keys away"]


async def test_what_a_store_risks_is_told_at_the_start() -> None:
    """A setting that may cost what the store is told stands in the log, once, and keeps nobody from starting."""
    health, store = Health(started_at=START), Risky()
    watch = StoreWatch(health, FakeClock())
    with told() as lines:
        assert await watch.there(store, patient=False) is store
        await watch.look(store, ())
    assert warnings(lines) == ["the store throws keys away"]
    assert health.store == ""


async def test_what_keeps_a_store_away_is_told_when_it_changes() -> None:
    """Who looks knows best why: others who fail meanwhile neither tell it again nor hide it."""
    health = Health(started_at=START)
    watch = StoreWatch(health, FakeClock())
    with told() as lines:
        for reason, looked in (
            ("reset", False),
            ("no socket", False),
            ("died", True),
            ("no socket", False),
            ("died", True),
        ):
            watch.trouble(StoreUnavailable(reason), looked=looked)
        assert health.store == "died"
        watch.well()
    assert [line.get("reason") for line in lines] == ["reset", "died", None]
    assert health.store == ""
