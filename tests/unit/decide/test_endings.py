"""Whether a text tells that an outage has ended."""

import time

import pytest

from tocsin.decide.endings import has_ended, is_back


@pytest.mark.parametrize(
    "text",
    [
        "Resolved: Brindle logins fail",
        "[Resolved] Brindle logins fail",
        "This incident has been resolved.",
        "The issue with payments is now fully resolved, and we are sorry for the trouble.",
        "Brindle restored access to all services at 16:40 UTC.",
        "Service is restored to every customer. We will publish a review once it is written.",
        "Brindle is back online after four hours, and users can log in once more.",
        "Payments were once again restored by noon.",
        "A fix is in place; logins have recovered. We will continue to watch them.",
        "We hoped to be quicker, but all systems are operational.",
        "All services are back, says Brindle.",
        "Error rates are back to normal. Next update in ten minutes.",
        "Not all of it was our fault. Service has been restored.",
        "Users could not log in for an hour: it is resolved.",
        "All services are restored, though we are still working out why they failed.",
        "Logins started to fail at 9:00 and had recovered by 9:40.",
        "No data was lost and service has been restored",
        "After some hours Okta is back online",
        "The fault has been fixed and checkouts are working normally",
        "Brindle outage is over, chief executive says",
        "Traffic has returned to normal at the three sites",
        "Dockers call off their strike at Brindle after pay deal",
        "Walkout at Brindle ends with five percent",
        "Brindle lifts force majeure on polymer deliveries",
        "Brindle resumes full deliveries of brake discs",
        "St\u00f6rung bei Brindle behoben",
        "Brindle wieder erreichbar",
        "Le service de Brindle est r\u00e9tabli",
        "Huelga desconvocada en Brindle",
        "El servicio de Brindle ha quedado restablecido",
        "Users can log in again and the service is fully restored",
        "Service is restored for 100% of customers after several hours.",
        "[Resolved] Login errors for some customers",
        "We have resolved login errors for some customers.",
        "Brindle is back online after many hours without service",
        "Shortly after 14:00 service was restored",
    ],
)
def test_an_end_is_told(text: str) -> None:
    """Whatever is promised, hoped for or denied in another clause."""
    assert has_ended(text)


@pytest.mark.parametrize(
    "text",
    [
        "We will provide an update when the issue is resolved",
        "Service has not been restored",
        "Service hasn't been restored",
        "Drivers strike over rosters at Brindle",
        "Brindle staff end up on strike for a second week",
        "Brindle hopes to resume deliveries by Friday",
        "Brindle resumes deliveries to some plants only",
        "Work resumed in stages after eight",
        "The disruption is not over",
        "A strike at Brindle could be called off",
        "St\u00f6rung bei Brindle noch nicht behoben",
        "Der Fehler soll bis Mittag behoben sein",
        "Le service n\u2019est pas encore r\u00e9tabli",
        "El servicio a\u00fan no est\u00e1 restablecido",
        "Service still isn\u2019t restored",
        "We hope to have this resolved soon",
        "We are working to get services back online",
        "Not resolved: the cause is being investigated. We will provide an update when the issue is resolved.",
        "Logins\nNot resolved yet: a fix is in place and is being watched. Monitoring: Service has recovered",
        "Not resolved: the cause has been found. Logins are restored, uploads still fail",
        "Logins are restored, uploads still fail",
        "Users may see errors until all issues are resolved.",
        "Payments should be back to normal in the next 30 minutes.",
        "Some services are back online.",
        "Search is slow, and 40% of requests have recovered.",
        "Most pages have recovered",
        "Service is expected to be fully restored by noon",
        "If it isn't resolved by six, call us.",
        "Service is gradually back up",
        "Unresolved failures at Brindle",
        "Service has been restored for some customers; logins for all others fail.",
        "Access is restored to 5% of customers.",
        "Brindle is back online for more than 90 percent of users",
        "Brindle restored access for most users",
        "Brindle is back online for many, not all",
        "Brindle is back online in Europe only",
        "Power is restored, but all services remain offline.",
        "Brindle restored, but thousands without access",
        "Brindle, which was restored yesterday, is down again",
        "Second outage a day after service was restored",
        "There is no sign so far that service has been restored",
        "We are trying to fix it and have service restored",
        "Names are resolved to the wrong address",
    ],
)
def test_what_is_to_come_or_of_a_part_is_no_end(text: str) -> None:
    """Promised, awaited, hoped for, denied; of some of it; or said of what is down still."""
    assert not has_ended(text)


@pytest.mark.parametrize(
    "title",
    [
        "Brindle down again for second time this week",
        "Brindle is offline once again, hours after service was restored",
        "Logins at Brindle failing yet again",
        "Brindle is out again",
        "Incident reopened: payments fail",
        "Reopened: payments fail",
        "Payments crash again at Brindle",
    ],
)
def test_a_headline_tells_that_it_has_begun_again(title: str) -> None:
    """Also where it tells of the end between."""
    assert is_back(title)


@pytest.mark.parametrize(
    "title",
    [
        "Brindle is back online after going down again",
        "Brindle may go down again, it warns",
        "How Brindle makes sure that it won't be offline again",
        "Shares in Brindle down again after outage",
        "Brindle rolled out again what had failed",
        "Brindle is down",
        "Brindle fails again to explain outage",
        "Brindle fails again in court over outage",
        "Brindle's market crashes again after outage",
        "Brindle incident reopened by regulator",
        "Why Brindle keeps going down again and again",
        "Shops reopened after Brindle outage",
    ],
)
def test_what_is_over_or_feared_or_of_something_else_has_not_begun_again(title: str) -> None:
    """The end stands first; the fear is none; shares have no outage."""
    assert not is_back(title)


@pytest.mark.parametrize(
    "word",
    [
        "down again ",
        "not down again, ",
        "resolved ",
        "not resolved, ",
        "restored still ",
        "restored for a ",
        "no restored ",
        "x" * 20 + " ",
        "until ",
    ],
)
def test_a_hostile_text_takes_no_time(word: str) -> None:
    """A text of nothing but cues."""
    begun = time.process_time()
    has_ended(word * 5_000)
    is_back(word * 5_000)
    assert time.process_time() - begun < 1.0
