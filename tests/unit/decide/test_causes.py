"""What brought an outage or a breach about."""

import time

import pytest

from tocsin.decide.causes import cause_in

BARE = "Brindle is back after four hours. "


@pytest.mark.parametrize(
    "sentence",
    [
        "The root cause was an expired certificate, Brindle says.",
        "Root cause: a full disk.",
        "The root cause of the failure has been a bad table of leap seconds.",
        "It was caused by a change to the firewall.",
        "Logins failed due to a faulty switch.",
        "Brindle blames a botched migration.",
        "The outage is blamed on a cut cable.",
        "An update of its own ledger was to blame, not a supplier.",
        "Brindle's theft is traced to a test server.",
        "Users couldn't log in due to a faulty switch.",
        "Customers were denied access due to an expired certificate.",
        "A denial-of-service attack was to blame.",
        "On 3 May logins failed; the root cause was a full disk.",
        "Nothing moved after a power transfer switch failed.",
        "Some users may have experienced errors, caused by a bad deployment.",
        "Payments were rejected due to an expired certificate.",
        "If you saw errors today, these were caused by a DNS failure.",
        "Some customers may be unable to log in due to a failed certificate renewal.",
        "The outage, which may have hit a million users, was caused by a faulty switch.",
        "Brindle dismissed its CTO after an outage caused by a bad rule.",
        "It may have been caused by an attack, some said, but the root cause was a faulty switch.",
    ],
)
def test_the_sentence_that_gives_the_cause_is_found(sentence: str) -> None:
    """Wherever it stands, and that sentence alone."""
    assert cause_in(f"{BARE}{sentence} Shops are open.").strip() == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The root cause is still unknown.",
        "The root cause is being investigated.",
        "A root cause analysis will follow.",
        "We are looking for the root cause.",
        "It was not caused by an attack.",
        "Shops were shut due to the outage.",
        "Two hours of losses caused by the Brindle outage.",
        "The new hall is due to open in May.",
        "Brindle is blamed for lost sales.",
        "After a long night the service is back.",
        "Brindle denies that the outage was caused by an attack.",
        "It may have been caused by hackers.",
        "It might well be that hackers are to blame.",
        "The failure wasn't caused by an attack.",
        "It wasn\u2019t directly caused by an attack.",
        "There is no evidence that it was triggered by hackers.",
        "Nobody knows whether it was caused by an update.",
        "Analysts suspect that a cut cable was to blame.",
        "Brindle doesn't think that it was caused by an attack.",
        "Brindle has ruled out that it was caused by an attack.",
        "Brindle rejects claims that it was caused by an attack.",
        "Brindle denies that the outage, its third, was caused by an attack.",
        "It may have been caused by an attack, or triggered by an update.",
        "It could have been triggered by an update.",
        "Whether a machine, a boss or, as some say, a program is to blame, the law says the same.",
    ],
)
def test_what_is_sought_or_denied_or_the_outage_itself_is_no_cause(sentence: str) -> None:
    """Nor is what the outage caused; the true one after it is found."""
    assert cause_in(BARE + sentence) == ""
    assert cause_in(f"{BARE}{sentence} It was caused by a bad rule.").strip() == "It was caused by a bad rule."


@pytest.mark.parametrize(
    "word",
    [
        "root cause of a ",
        "after a b ",
        "due to a ",
        "caused by the ",
        "x" * 20 + " ",
        "or due to a b ",
        "could well ",
        "suspect ",
    ],
)
def test_a_hostile_text_takes_no_time(word: str) -> None:
    """A text of nothing but cues."""
    begun = time.process_time()
    cause_in(word * 5_000)
    assert time.process_time() - begun < 1.0
