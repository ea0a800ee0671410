"""The number book of a simulated office: whom it calls and who calls it. All numbers are made up."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from random import Random

Kind = Literal["local", "mobile", "long-distance", "hk", "international", "service"]

_SHARES: dict[Kind, float] = {
    "local": 0.42,
    "mobile": 0.34,
    "long-distance": 0.16,
    "hk": 0.02,
    "international": 0.02,
    "service": 0.04,
}
_AREAS = ("010", "020", "021", "022", "023", "024", "025", "027", "028", "0512", "0571", "0755")
_MOBILES = ("130", "133", "136", "139", "150", "158", "177", "186", "199")
_ABROAD = ("001212555{:04}", "00442079460{:03}", "004930231250{:02}", "0081300{:06}")
_SERVICES = ("114", "95000", "95001", "95002", "16800{:03}", "4000000{:03}", "8008200{:03}")
_IP_PREFIX = "17909"
_BY_IP_PREFIX = 0.5
"""The share of long-distance parties who are dialled through the cheaper carrier."""
_CALLS_NOBODY: tuple[Kind, ...] = ("service",)
_EVENNESS = 25
"""The larger, the less often the most frequent party is called."""


class Contact(NamedTuple):
    """An outside party: ``number`` as the carrier shows it on a call from there, ``dialled`` as the office dials it."""

    kind: Kind
    number: str
    dialled: str


class NumberBook:
    """Outside parties, a few of them called often and most of them rarely."""

    def __init__(self, random: Random, size: int = 400) -> None:
        self._random = random
        kinds = random.choices(list(_SHARES), list(_SHARES.values()), k=size)
        self._contacts = [_invent(random, kind, serial) for serial, kind in enumerate(kinds)]
        self._callers = [contact for contact in self._contacts if contact.kind not in _CALLS_NOBODY]
        self._weights = _weights(len(self._contacts))
        self._caller_weights = _weights(len(self._callers))

    def called(self) -> Contact:
        """Someone the office calls."""
        return self._random.choices(self._contacts, cum_weights=self._weights)[0]

    def of(self, kind: Kind) -> list[Contact]:
        """Everybody of a kind, those first who are called most."""
        return [contact for contact in self._contacts if contact.kind == kind]

    def caller(self) -> Contact:
        """Someone who calls the office."""
        return self._random.choices(self._callers, cum_weights=self._caller_weights)[0]


def _weights(count: int) -> list[float]:
    return list(accumulate(1 / (rank + _EVENNESS) for rank in range(count)))


def _invent(random: Random, kind: Kind, serial: int) -> Contact:
    if kind == "local":
        number = f"5550{serial:04}"
    elif kind == "mobile":
        number = f"{random.choice(_MOBILES)}0000{serial:04}"
    elif kind == "long-distance":
        number = f"{random.choice(_AREAS)}5550{serial:04}"
        if random.random() < _BY_IP_PREFIX:
            return Contact(kind, number, _IP_PREFIX + number)
    elif kind == "hk":
        number = f"008525550{serial:04}"
    elif kind == "international":
        number = random.choice(_ABROAD).format(serial % 100)
    else:
        number = random.choice(_SERVICES).format(serial)
    return Contact(kind, number, number)
