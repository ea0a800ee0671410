"""Whether the collector really works: each of its threads is asked, not only whether the process is there.

systemd is told that it does (``WatchdogSec``), ``/healthz`` shows it. A disk that is full is no fault of the process:
nothing is gained by a restart, so that is an alarm and not told here.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.journal_thread import JournalThread
    from collector.projector import Projector

_ANSWER_S = 60.0
"""So long the projector may take: the largest batch takes seconds."""
_COMMIT_S = 30.0
"""So long the journal may take for one commit."""


class Liveness:
    """Asks the journal's and the projector's thread whether they go on."""

    def __init__(self, journal: JournalThread, projector: Projector) -> None:
        self._journal = journal
        self._projector = projector
        self._busy: tuple[int, float] | None = None

    async def fault(self) -> str | None:
        """A sentence about the thread that does not go on; None while all do."""
        if not self._journal.is_alive():
            return "The journal's thread has ended."
        if self._busy_for() > _COMMIT_S:
            return "The journal's thread does not go on."
        if not self._projector.is_alive():
            return "The projector's thread has ended."
        try:
            await asyncio.wait_for(asyncio.wrap_future(self._projector.asked()), _ANSWER_S)
        except TimeoutError:
            return f"The projector's thread has not answered for {_ANSWER_S:.0f} s."
        return None

    def _busy_for(self) -> float:
        """Seconds for which the journal is known to be busy with the same commit."""
        if not self._journal.is_busy:
            self._busy = None
            return 0.0
        commit, now = self._journal.rounds, time.monotonic()
        if self._busy is None or self._busy[0] != commit:
            self._busy = commit, now
        return now - self._busy[1]


def notify(state: str) -> None:
    """Tell systemd ``state`` (see ``sd_notify(3)``), where it asked to be told."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
        to_systemd.connect("\0" + address[1:] if address.startswith("@") else address)
        to_systemd.send(state.encode())


async def keep_watchdog(liveness: Liveness) -> None:
    """Tell systemd, as often as it wants, that the collector works; as long as it does."""
    notify("READY=1")
    interval_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6 / 3
    while interval_s:
        if await liveness.fault() is None:
            notify("WATCHDOG=1")
        await asyncio.sleep(interval_s)
