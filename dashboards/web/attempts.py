"""How often one may try to log in: after some failures each further try has to wait, twice as long as the one before."""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_WAIT_S = 900.0
FORGOTTEN_S = 3600.0
MOST = 10_000
"""Names and addresses remembered; beyond it the oldest are forgotten."""

_LONGEST_NAME = 100
"""Of what is typed for a name, so much is remembered; and of an address that a proxy tells and that is none."""


class Limit(NamedTuple):
    """Whose tries are counted, and how many may fail before there is a wait."""

    whose: str
    free: int


class _Failures(NamedTuple):
    times: int
    last: float


def limits(name: str, address: str) -> tuple[Limit, Limit]:
    """A name is guarded sooner than an address, behind which many may sit; who has one of IPv6 has 2^64 of them."""
    return Limit(f"name {name[:_LONGEST_NAME]}", 5), Limit(f"address {_network(address)}", 20)


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST_NAME]
    if isinstance(known, ipaddress.IPv6Address) and not known.ipv4_mapped:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


class Attempts:
    """Failed tries. A try is counted when it begins, so that many at once gain nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, _Failures] = {}

    def begin(self, *limited: Limit) -> float:
        """Count a try, and return 0; or how many seconds it has to wait: then it does not count, and must not be made."""
        now = self._clock()
        if wait := max(self._wait(limit, now) for limit in limited):
            return wait
        for limit in limited:
            before = self._before(limit, now)
            self._failures.pop(limit.whose, None)
            self._failures[limit.whose] = _Failures(before + 1, now)
        while len(self._failures) > MOST:
            del self._failures[next(iter(self._failures))]
        return 0.0

    def succeeded(self, *limited: Limit) -> None:
        """Forget the failures of these."""
        for limit in limited:
            self._failures.pop(limit.whose, None)

    def _before(self, limit: Limit, now: float) -> int:
        failures = self._failures.get(limit.whose)
        return failures.times if failures and now - failures.last < FORGOTTEN_S else 0

    def _wait(self, limit: Limit, now: float) -> float:
        over = self._before(limit, now) - limit.free
        if over < 0:
            return 0.0
        return max(0.0, self._failures[limit.whose].last + min(2.0 ** min(over, 16), LONGEST_WAIT_S) - now)
