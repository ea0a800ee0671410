"""Which alarms stand. Each is told once when it is raised and once when it is over, over restarts too."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.store.events_db import Alarm, AlarmKind, EventsDb

_log = logging.getLogger(__name__)


class Board:
    """The alarms of a site. ``channels`` are the ways they are told beside log and metrics."""

    def __init__(self, events: EventsDb, channels: Sequence[str], clock: Callable[[], float]) -> None:
        self._events = events
        self._channels = channels
        self._clock = clock
        self._standing: dict[tuple[AlarmKind, str], Alarm] = {}

    @property
    def standing(self) -> list[Alarm]:
        """The alarms that stand."""
        return list(self._standing.values())

    async def resume(self) -> None:
        """Take up the alarms that stood when the collector ended."""
        self._standing = {(alarm.kind, alarm.subject): alarm for alarm in await self._events.standing()}

    async def show(self, kind: AlarmKind, subject: str, wrong: str | None, right: str) -> None:
        """Say how ``subject`` is: the sentence of what is wrong, or None and the sentence that it is right again."""
        alarm = self._standing.get((kind, subject))
        if wrong is not None and alarm is None:
            _log.error("ALARM %s %s: %s", kind, subject, wrong)
            raised = await self._events.raise_alarm(kind, subject, self._clock(), wrong, self._channels)
            self._standing[kind, subject] = raised
        elif wrong is None and alarm is not None:
            _log.info("Alarm %s %s is over: %s", kind, subject, right)
            await self._events.clear_alarm(alarm, self._clock(), right, self._channels)
            del self._standing[kind, subject]

    async def forget(self, known: dict[AlarmKind, set[str]]) -> None:
        """End the alarms about subjects that are not configured any more."""
        for kind, subject in list(self._standing):
            if subject not in known.get(kind, {subject}):
                await self.show(kind, subject, None, "It is not configured any more.")
