"""Routing: which receivers an alert goes to."""

from dataclasses import replace

from tests.support.alerts import FOUNDING, NOW
from tocsin.deliver.routing import deliveries, delivery_id, route
from tocsin.model import Severity
from tocsin.rulebook.schema import Receiver, Route, Rulebook

RECEIVERS = tuple(Receiver(name=name, kind="console", settings=None) for name in ("procurement", "pager", "archive"))


def book(*routes: Route) -> Rulebook:
    return Rulebook(receivers=RECEIVERS, routes=routes)


def test_without_routes_everything_goes_everywhere():
    """Without any route an alert goes to every receiver."""
    assert route(FOUNDING, book()) == ("procurement", "pager", "archive")


def test_a_story_goes_where_its_severity_is_routed():
    """A story goes to the receivers of the routes that list its severity, and to no other."""
    routes = (Route(severity=(Severity.CRITICAL,), to=("pager",)), Route(severity=(Severity.LOW,), to=("archive",)))
    assert route(FOUNDING, book(*routes)) == ("pager",)


def test_a_receiver_is_named_once():
    """A receiver that two routes name gets one delivery."""
    routes = (Route(to=("pager", "archive")), Route(severity=(Severity.CRITICAL,), to=("archive", "pager")))
    assert route(FOUNDING, book(*routes)) == ("pager", "archive")


def test_a_severity_without_a_route_is_turned_off():
    """A story of a severity that no route lists goes nowhere."""
    assert route(FOUNDING, book(Route(severity=(Severity.LOW,), to=("pager",)))) == ()


def test_a_notice_follows_its_route():
    """A notice goes to the receivers that a route names for its severity."""
    notice = replace(FOUNDING, kind="notice", severity=Severity.HIGH)
    assert route(notice, book(Route(severity=(Severity.HIGH,), to=("archive",)))) == ("archive",)


def test_a_notice_is_never_turned_off():
    """A notice of a severity that no route lists goes to every receiver."""
    notice = replace(FOUNDING, kind="notice", severity=Severity.HIGH)
    assert route(notice, book(Route(severity=(Severity.LOW,), to=("pager",)))) == ("procurement", "pager", "archive")


def test_one_delivery_a_receiver():
    """Each receiver gets one fresh outbox entry, whose id is made of the alert's and the receiver's."""
    entries = deliveries(FOUNDING, book(), NOW)
    assert [entry.id for entry in entries] == ["alert-1:procurement", "alert-1:pager", "alert-1:archive"]
    assert [entry.id for entry in entries] == [delivery_id(FOUNDING.id, entry.receiver) for entry in entries]
    assert all((e.alert, e.queued_at, e.attempt, e.maybe_sent_since) == (FOUNDING, NOW, 0, None) for e in entries)
