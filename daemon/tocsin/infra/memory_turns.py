"""Turns at hosts, kept in memory: the twin of what `admit`, `turn`, `stay` and `leave` do in the scripts. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

from tocsin.infra.memory_archive import SKEW, next_turn
from tocsin.politeness import HostLimit

Want: TypeAlias = tuple[str, datetime, str, HostLimit]
"""A feed, until when it is leased, and the host that it wants to ask, with its limit."""


class HostTurns:
    """Up to when each host's turns are taken, who waits for one, and who is asking there at present."""

    def __init__(self) -> None:
        self.free: dict[str, datetime] = {}
        """Up to when the turns of each host are taken."""
        self._line: dict[str, datetime] = {}
        self._places: dict[str, dict[str, datetime]] = {}
        self._hosts: dict[str, set[str]] = {}
        self._waiting: set[str] = set()

    def admit(self, wants: Iterable[Want], now: datetime, within: timedelta) -> list[tuple[bool, datetime]]:
        """Take for each leased feed the next turn at its host; (False, when it is due) for who must wait.

        Who waited goes first; who comes new while others wait goes to the end of their line.
        """
        answers, again = [], dict[str, datetime]()
        for want in wants:
            feed_id, _, host, limit = want
            waited = feed_id in self._waiting
            line = self._line.get(host, now)
            if not now <= line <= now + SKEW + (len(self._waiting) + 2) * limit.gap:
                line = now
            granted, at = False, line
            if waited or line <= now + within:
                granted, at = self.take(want, now, within)
            if granted:
                self._waiting.discard(feed_id)
            else:
                if waited:
                    at = max(at, again.get(host, at))
                    again[host] = at + limit.gap
                else:
                    at = max(at, line)
                    self._line[host] = at + limit.gap
                    self._waiting.add(feed_id)
                self.leave(feed_id)
            answers.append((granted, at))
        return answers

    def take(self, want: Want, now: datetime, within: timedelta) -> tuple[bool, datetime]:
        """The next turn at a host, and a place there; or False, and when to ask again."""
        feed_id, until, host, limit = want
        free, at = next_turn(self.free, host, limit, now)
        if at > now + within:
            return False, at
        places = self._places.setdefault(host, {})
        for gone in [other for other, upto in places.items() if upto <= now]:
            del places[gone]
        if feed_id not in places and len(places) >= limit.at_once:
            return False, now + timedelta(seconds=1)
        places[feed_id] = until
        self._hosts.setdefault(feed_id, set()).add(host)
        self.free[host] = max(free, at) + limit.gap
        return True, at

    def stay(self, feed_id: str, until: datetime) -> None:
        """Keep the places that a feed's poll has at hosts."""
        for host in self._hosts.get(feed_id, ()):
            self._places[host][feed_id] = until

    def leave(self, feed_id: str) -> None:
        """Give up the places that a feed's poll has at hosts."""
        for host in self._hosts.pop(feed_id, ()):
            self._places[host].pop(feed_id, None)

    def forget(self, feed_id: str) -> None:
        """Let a feed that is no longer polled wait for nothing."""
        self._waiting.discard(feed_id)
        self.leave(feed_id)
