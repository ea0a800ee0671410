"""How the operators do: how many calls they answer, in time, transfer, and of how many they take a message."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.office.roster import Roster

NOBODY = ""
"""The operator, and the shift, of calls to the switchboard while nobody was on duty."""


class Incoming(NamedTuple):
    """A call as far as operators are concerned: start in POSIX seconds, where it rang first, ring seconds.

    ``extension`` is where it was answered; where nobody answered, where it rang first.
    """

    start: int
    extension: str
    first: str
    answered: bool
    transferred: bool
    ring_s: int | None


class Taken(NamedTuple):
    """Whose a call was, and whether the operator answered it."""

    operator: str
    shift: str
    answered: bool


@dataclass
class Work:
    """What an operator did in a shift, in numbers of calls and messages.

    ``reported`` are the answered calls whose ring time the PBX printed, ``ring_s`` the seconds these rang, ``in_time``
    those of them answered in time.
    """

    calls: int = 0
    answered: int = 0
    reported: int = 0
    in_time: int = 0
    ring_s: int = 0
    transferred: int = 0
    messages: int = 0

    @property
    def mean_ring_s(self) -> float | None:
        """Seconds from ring to answer, in the mean of the answered calls that tell; None where none does."""
        return _share(self.ring_s, self.reported)

    def with_(self, other: Work) -> Work:
        """What both are together."""
        return Work(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def rates(self) -> dict[str, float | None]:
        """Shares, None where there is nothing they are a share of: answered of calls, the others of what was answered."""
        return {
            "answer_rate": _share(self.answered, self.calls),
            "in_time_rate": _share(self.in_time, self.reported),
            "transfer_rate": _share(self.transferred, self.answered),
            "message_rate": _share(self.messages, self.answered),
        }


def work(
    calls: Iterable[Incoming], messages: Iterable[tuple[float, str]], roster: Roster, in_time_s: int
) -> dict[tuple[str, str], Work]:
    """What everybody did, by operator and shift.

    A call is whose duty it was where it was answered; one that nobody of the roster answered, where it rang first: there
    it is not answered, though somebody else did. One that rang at several operators is that of who took it. ``messages``
    are when and by whom. Calls to other extensions than those of the roster are left out.
    """
    done: dict[tuple[str, str], Work] = defaultdict(Work)
    for call in calls:
        if taken := whose(call, roster):
            one = done[taken.operator, taken.shift]
            one.calls += 1
            if taken.answered:
                one.answered += 1
                one.transferred += call.transferred
                if call.ring_s is not None:
                    one.reported += 1
                    one.in_time += call.ring_s <= in_time_s
                    one.ring_s += call.ring_s
    for at, operator in messages:
        duty = roster.of(operator, at)
        done[operator, duty.shift if duty else NOBODY].messages += 1
    return dict(sorted(done.items()))


def whose(call: Incoming, roster: Roster) -> Taken | None:
    """Whose duty a call was, as `work` says; None of one that rang at no extension of the roster."""
    place = next((one for one in (call.extension, call.first) if one in roster.extensions), None)
    if place is None:
        return None
    duty = roster.at(place, call.start)
    answered = call.answered and place == call.extension
    return Taken(duty.operator, duty.shift, answered) if duty else Taken(NOBODY, NOBODY, answered)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
