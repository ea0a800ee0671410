"""Telephone traffic of an office, call by call: pure and repeatable from its seed.

Calls arrive at random (a Poisson process whose rate follows the hour and the weekday); how long people talk is
Erlang distributed. Trunks and extensions are finite: each carries one call at a time, and an outside call that finds
no trunk free is lost, as in a real office. Missed calls are returned, or the caller tries again.
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from itertools import count, takewhile
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from collector.simulator.numbers import NumberBook
from parsers.formats import Planned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.simulator.numbers import Contact, Kind
    from collector.simulator.office import Department, Profile
    from parsers.records import Outcome

_INCOMING, _OUTGOING = 0.46, 0.38
"""Shares of all calls; the rest is internal."""
_THROUGH_SWITCHBOARD = 0.6
_TRANSFERRED = 0.85
_WITHHELD = 0.06
_ACCOUNT_CODE = 0.1

_TALK_S: dict[Kind, float] = {
    "local": 95,
    "mobile": 120,
    "long-distance": 180,
    "hk": 210,
    "international": 260,
    "service": 140,
}
_TALK_INCOMING_S, _TALK_SWITCHBOARD_S, _TALK_INTERNAL_S = 150, 18, 50
_TALK_SHAPE = 2
_LONGEST_TALK_S = 3 * 3600

_OUTGOING_ENDS: dict[Outcome, float] = {"answered": 0.74, "unanswered": 0.15, "busy": 0.08, "failed": 0.03}
_INTERNAL_ANSWERED = 0.82
_SIGNAL_TONE_S = 5
"""How long a caller listens to a busy or a failure tone; the line is occupied, but this is neither ringing nor talk."""

_OPEN_HOURS = range(8, 18)
_LUNCH = (12, 13)
_AWAY_OPEN, _AWAY_LUNCH, _AWAY_CLOSED = 0.09, 0.3, 0.6
"""How often nobody is there to answer."""

_RETURNED, _CALLS_AGAIN = 0.5, 0.3
"""What follows a missed call; otherwise nothing does."""
_RETURN_MU, _RETURN_SIGMA = 7.3, 0.9
"""Parameters of the lognormal delay of a return: a median of 25 minutes, and some after hours."""


class Traffic:
    """The traffic of one office. The same profile, seed and first moment give the same calls."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.seed = seed

    def calls(self, first: datetime) -> Iterator[list[Planned]]:
        """Yield calls without end, in order of their start, each as its legs; ``first`` is local wall clock."""
        return _Office(self.profile, Random(self.seed), first).calls()  # noqa: S311  (repeatable, not secret)

    def called(self, kind: Kind) -> list[str]:
        """The numbers of a kind that are called, as they are dialled, the most frequent first."""
        return [contact.dialled for contact in NumberBook(Random(self.seed)).of(kind)]  # noqa: S311  (as above)

    def legs(self, first: datetime) -> Iterator[Planned]:
        """Yield legs without end in the order a PBX prints them: each when it ends."""
        ongoing: list[tuple[datetime, int, Planned]] = []
        order = count()
        for call in self.calls(first):
            while ongoing and ongoing[0][0] <= call[0].start:
                yield heapq.heappop(ongoing)[2]
            for leg in call:
                heapq.heappush(ongoing, (leg.end, next(order), leg))

    def between(self, first: datetime, last: datetime) -> Iterator[Planned]:
        """Yield the legs of calls that begin after ``first``, as far as they end before ``last``."""
        return takewhile(lambda leg: leg.end < last, self.legs(first))


class _Follow(NamedTuple):
    """A call that another one causes. Seconds count from the first moment; ``extension`` only where it calls back."""

    at: float
    order: int
    contact: Contact
    extension: str | None


class _Office:
    """An office at work: who is on the telephone until when, and what is still to follow."""

    def __init__(self, profile: Profile, random: Random, first: datetime) -> None:
        self._profile = profile
        self._random = random
        self._first = first.replace(microsecond=0, tzinfo=None)
        self._book = NumberBook(random)
        self._rates = [calls / 3600 for calls in _calls_per_hour(profile)]
        self._busy_until = dict.fromkeys((*profile.directory(), *profile.trunks), 0.0)
        self._following: list[_Follow] = []
        self._serial = 0
        self._department_of = {e: d for d in profile.departments for e in d.extensions}
        self._callers = [department.outgoing for department in profile.departments]
        self._called = [department.incoming for department in profile.departments]

    def calls(self) -> Iterator[list[Planned]]:
        for at in self._arrivals():
            while self._following and self._following[0].at <= at:
                follow = heapq.heappop(self._following)
                yield from self._made(self._follow(follow))
            yield from self._made(self._fresh(int(at)))

    def _made(self, call: list[Planned]) -> Iterator[list[Planned]]:
        if call:
            self._serial += 1
            yield call

    def _arrivals(self) -> Iterator[float]:
        """Moments of calls that nothing caused: the rate changes from hour to hour."""
        at, due = 0.0, self._random.expovariate(1)
        into_hour = self._first.minute * 60 + self._first.second
        hour = self._first.weekday() * 24 + self._first.hour
        until = 3600.0 - into_hour
        while True:
            rate = self._rates[hour % len(self._rates)]
            expected = (until - at) * rate
            if due < expected:
                at += due / rate
                yield at
                due = self._random.expovariate(1)
            else:
                due -= expected
                at, until, hour = until, until + 3600, hour + 1

    def _fresh(self, at: int) -> list[Planned]:
        what = self._random.random()
        if what < _INCOMING:
            return self._incoming(at, self._book.caller())
        department = self._random.choices(self._profile.departments, self._callers)[0]
        extension = self._random.choice(department.extensions)
        if what < _INCOMING + _OUTGOING:
            return self._outgoing(at, self._book.called(), extension)
        return self._internal(at, extension)

    def _follow(self, follow: _Follow) -> list[Planned]:
        if follow.extension:
            return self._outgoing(int(follow.at), follow.contact, follow.extension)
        return self._incoming(int(follow.at), follow.contact)

    def _outgoing(self, at: int, contact: Contact, extension: str) -> list[Planned]:
        trunk = self._trunk(at, reversed(self._profile.trunks))
        if not trunk or self._busy_until[extension] > at:
            return []
        outcome = self._random.choices(list(_OUTGOING_ENDS), list(_OUTGOING_ENDS.values()))[0]
        ring_s, talk_s = self._far_end(outcome, _TALK_S[contact.kind])
        self._occupy(at + max(ring_s + talk_s, _SIGNAL_TONE_S), trunk, extension)
        coded = contact.kind not in ("local", "mobile") and self._random.random() < _ACCOUNT_CODE
        code = f"4{extension}" if coded else None
        leg = self._leg(at, extension, ring_s, talk_s)
        return [
            leg._replace(direction="outgoing", outcome=outcome, trunk=trunk, number=contact.dialled, account_code=code)
        ]

    def _internal(self, at: int, extension: str) -> list[Planned]:
        department = self._random.choice(self._profile.departments)
        peer = self._random.choice(department.extensions)
        if peer == extension or self._busy_until[extension] > at:
            return []
        if self._busy_until[peer] > at:
            outcome: Outcome = "busy"
        else:
            outcome = "answered" if self._random.random() < _INTERNAL_ANSWERED else "unanswered"
        ring_s, talk_s = self._far_end(outcome, _TALK_INTERNAL_S)
        self._occupy(at + ring_s + talk_s, extension, *([peer] if talk_s else []))
        leg = self._leg(at, extension, ring_s, talk_s)
        return [leg._replace(direction="internal", outcome=outcome, peer_extension=peer)]

    def _far_end(self, outcome: Outcome, talk_s: float) -> tuple[int, int]:
        """Return how long the other side rings and talks; ``talk_s`` is the mean."""
        if outcome == "answered":
            return self._erlang(3, 9), self._talk(talk_s)
        return (15 + self._erlang(2, 15) if outcome == "unanswered" else 0), 0

    def _incoming(self, at: int, contact: Contact) -> list[Planned]:
        trunk = self._trunk(at, self._profile.trunks)
        if not trunk:
            return []
        department = self._random.choices(self._profile.departments, self._called)[0]
        extension = self._random.choice(department.extensions)
        open_now = self._moment(at).hour in _OPEN_HOURS
        if open_now and self._random.random() < _THROUGH_SWITCHBOARD:
            legs = self._through_switchboard(at, department, extension)
        else:
            legs = [self._direct(at, department, extension)]
        missed = legs[-1].outcome != "answered"
        ended = at + sum(leg.ring_s + leg.talk_s for leg in legs)
        self._occupy(max(ended, at + _SIGNAL_TONE_S), trunk)
        number = None if self._random.random() < _WITHHELD else contact.number
        if missed and number:
            self._miss(ended, contact, extension)
        return [leg._replace(trunk=trunk, number=number) for leg in legs]

    def _direct(self, at: int, department: Department, extension: str) -> Planned:
        """Ring one extension from outside."""
        leg = self._leg(at, extension, 0, 0)
        if self._busy_until[extension] > at:
            return leg._replace(outcome="busy")
        patience = self._patience()
        answer = self._answer(at, department)
        if answer is None or answer > patience:
            return self._leg(at, extension, patience, 0)._replace(outcome="unanswered")
        leg = self._leg(at, extension, answer, self._talk(_TALK_INCOMING_S))
        self._occupy(at + leg.ring_s + leg.talk_s, extension)
        return leg

    def _through_switchboard(self, at: int, department: Department, extension: str) -> list[Planned]:
        """An operator answers, as soon as one is free, and passes the call on, unless she takes a message."""
        switchboard = self._profile.switchboard
        operator = min(switchboard.extensions, key=self._busy_until.__getitem__)
        queued = max(0, int(self._busy_until[operator]) - at)
        answer = queued + self._erlang(3, switchboard.answers_in_s)
        patience = self._patience()
        if answer > patience:
            return [self._leg(at, operator, patience, 0)._replace(outcome="unanswered")]
        talk_s = max(1, self._erlang(3, _TALK_SWITCHBOARD_S))
        passed = at + answer + talk_s
        self._occupy(passed, operator)
        received = self._leg(at, operator, answer, talk_s)
        if self._busy_until[extension] > passed or self._random.random() > _TRANSFERRED:
            return [received]
        onward = self._direct(passed, department, extension)
        return [received._replace(last=False), onward._replace(transferred=True, call_start=received.start)]

    def _answer(self, at: int, department: Department) -> int | None:
        """Return after how many seconds somebody answers; None if nobody is there."""
        hour = self._moment(at).hour
        away = _AWAY_LUNCH if hour in _LUNCH else _AWAY_OPEN if hour in _OPEN_HOURS else _AWAY_CLOSED
        if self._random.random() < away:
            return None
        return 1 + self._erlang(2, department.answers_in_s)

    def _miss(self, at: int, contact: Contact, extension: str) -> None:
        """Let a missed call be returned, or tried again."""
        what = self._random.random()
        if what > _RETURNED + _CALLS_AGAIN:
            return
        later = at + 30 + self._random.lognormvariate(_RETURN_MU, _RETURN_SIGMA)
        caller = extension if what < _RETURNED and extension in self._department_of else None
        if self._moment(int(later)).hour in _OPEN_HOURS:
            heapq.heappush(self._following, _Follow(later, self._serial, contact, caller))

    def _leg(self, at: int, extension: str, ring_s: int, talk_s: int) -> Planned:
        """Return an answered incoming leg, to be made what it is."""
        start = self._moment(at)
        end = start + timedelta(seconds=ring_s + talk_s)
        return Planned(start, end, "incoming", "answered", extension, ring_s, talk_s, serial=self._serial + 1)

    def _trunk(self, at: int, trunks: Iterable[str]) -> str | None:
        """Return the first free trunk. Incoming calls hunt from one end and outgoing ones from the other."""
        return next((trunk for trunk in trunks if self._busy_until[trunk] <= at), None)

    def _occupy(self, until: float, *parties: str) -> None:
        for party in parties:
            self._busy_until[party] = max(self._busy_until[party], until)

    def _patience(self) -> int:
        return 8 + self._erlang(2, 26)

    def _talk(self, mean: float) -> int:
        return max(1, min(self._erlang(_TALK_SHAPE, mean), _LONGEST_TALK_S))

    def _erlang(self, shape: int, mean: float) -> int:
        return int(self._random.gammavariate(shape, mean / shape))

    def _moment(self, at: int) -> datetime:
        return self._first + timedelta(seconds=at)


def _calls_per_hour(profile: Profile) -> list[float]:
    """Expected calls of each hour of a week, Monday 0:00 first."""
    whole = sum(profile.hours)
    return [profile.calls_per_day * day * hour / whole for day in profile.weekdays for hour in profile.hours]
