"""The lines of `tocsin feeds`."""

import json
from dataclasses import replace

from tests.unit.collect.values import FEED, NOW, state
from tocsin.cli.feeds import _row


def test_no_password_and_no_key_of_an_address_is_shown():
    """Neither of the one that is written, nor of the one where the feed was found."""
    secret = "https://me:hunter2@feeds.example/f?apikey=s3cr3t"
    for known in (None, state(url=secret), state(url=f"{secret}&moved=1")):
        row = _row(replace(FEED, url=secret), known, {}, NOW)
        assert row["url"] == "https://feeds.example/f?..."
        assert not any(word in json.dumps(row) for word in ("hunter2", "s3cr3t"))
