"""The bounds of the stories are the settings': in the store, and in every view of it."""

from datetime import timedelta
from pathlib import Path

from tests.support.stores import START, story
from tocsin.config import Settings
from tocsin.decide.stories import LedgerView
from tocsin.infra.limits import StoreLimits
from tocsin.model import LedgerDelta, Story
from tocsin.stores import ledger_of, limits_of, open_store

DAY = timedelta(days=1)


def told(count: int) -> tuple[Story, ...]:
    """Stories that were last told a day apart, the last one at `START`."""
    return tuple(story(f"s{number}", updated_at=START - (count - 1 - number) * DAY) for number in range(count))


async def kept(settings: Settings, stories: tuple[Story, ...]) -> set[str]:
    """The ids that a store with those settings has left."""
    async with open_store(settings) as store:
        await store.revise(0, stories, START)
        return {each.id for each in (await store.ledger(0)).stories}


def seen(view: LedgerView, stories: tuple[Story, ...]) -> set[str]:
    """The ids that a view has left."""
    view.apply(LedgerDelta(version=1, stories=stories))
    return {each.id for each in view.stories}


async def test_a_story_is_open_as_long_as_the_settings_say(tmp_path: Path) -> None:
    """Three days in place of fourteen."""
    settings = Settings(data=tmp_path, stories_for=3 * DAY)
    expected = {"s6", "s7", "s8", "s9"}
    assert await kept(settings, told(10)) == seen(ledger_of(settings), told(10)) == expected
    assert await kept(Settings(data=tmp_path / "usual"), told(10)) == {each.id for each in told(10)}


async def test_as_many_stories_are_open_as_the_settings_say(tmp_path: Path) -> None:
    """Those told longest ago go."""
    settings = Settings(data=tmp_path, stories_for=365 * DAY, stories=100)
    expected = {each.id for each in told(130)[30:]}
    assert await kept(settings, told(130)) == seen(ledger_of(settings), told(130)) == expected


def test_what_was_delivered_is_known_for_longer_than_a_story_is_open() -> None:
    """Else a story that is still open could ring again."""
    assert limits_of(Settings()) == StoreLimits()
    assert limits_of(Settings(stories_for=60 * DAY)).delivered_for == 120 * DAY
