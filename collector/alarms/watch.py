"""Watching a site: looks at lines, outputs, disk and certificates again and again, and shows the board how each is."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from collector.alarms.clock import DriftWatch
from collector.alarms.silence import LEARNED_WEEKS, Habit
from collector.alarms.upkeep import Upkeep
from collector.link_figures import DOWN
from collector.rendering import moment
from collector.store.database import is_made, open_reader
from collector.tls import TlsError, expiry
from collector.wording import to_the_second

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from collector.accounting.calendar import WorkingCalendar
    from collector.alarms.board import Board
    from collector.config import Config, Source
    from collector.store.events_db import AlarmKind

_log = logging.getLogger(__name__)

LOOK_S = 15.0
LEARN_S = 3600.0
"""Habits are learned anew as often."""

_WITHOUT_LINK = frozenset({"syslog-udp", "stdin"})
"""Inputs that nobody connects to."""
_MINUTE_S = 60.0
_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S
_MEGABYTE = 1_000_000
_HOURS = "SELECT hour, sum(calls) FROM rollups WHERE source = ? AND hour >= ? GROUP BY hour"


class Line(NamedTuple):
    """What is known of a source: when its last record came, how its link is, and how far its clock is off."""

    last_record: float | None
    drift_s: float | None
    state: str
    detail: str
    since: float


class Feed(NamedTuple):
    """What is known of an output: its state and since when, and its last words."""

    state: str
    since: float
    error: str


class Watch:
    """Looks at everything a configuration names.

    Silence is judged by the clock and the calendar of the site that a source is at: ``calendars`` by the names of sites.
    ``nudge(source)`` opens a link anew. ``trouble()`` tells what keeps the databases from being written, if anything does.
    """

    def __init__(
        self,
        config: Config,
        calendars: Mapping[str, WorkingCalendar],
        board: Board,
        nudge: Callable[[str], None],
        trouble: Callable[[], str | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._board = board
        self._nudge = nudge
        self._trouble = trouble
        self._clock = clock
        self._calendars = calendars
        self._began = clock()
        self._habits: dict[str, Habit] = {}
        self._learned = float("-inf")
        self._nudged: set[str] = set()
        self._upkeep = Upkeep(config, board)
        self._drifts = {source.name: DriftWatch(config.alarms.clock_minutes * _MINUTE_S) for source in config.sources}

    def work_by(self, calendars: Mapping[str, WorkingCalendar]) -> None:
        """Judge silence by other calendars from here on; what is usual is learned anew."""
        self._calendars = calendars
        self._learned = float("-inf")

    def attend(self, config: Config) -> None:
        """Look at the sources of another configuration from here on, too; what they do is learned anew."""
        for source in config.sources:
            self._drifts.setdefault(source.name, DriftWatch(config.alarms.clock_minutes * _MINUTE_S))
        self._config = config
        self._learned = float("-inf")

    async def run(self) -> None:
        """Look for ever."""
        await self._board.resume()
        await self._board.forget(self._known())
        while True:
            try:
                await self.look()
            except sqlite3.Error as error:  # the disk: it is in the log of whoever writes, and tried again here
                _log.warning("Alarms cannot be kept or judged just now: %s.", error)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Look once at everything."""
        if await asyncio.to_thread(is_made, self._config.site.data / "calls.db"):
            await self._look_at_calls(self._clock())
        await self._look_at_disk()
        await self._look_at_certificates()
        await self._upkeep.look(self._clock())

    async def _look_at_calls(self, now: float) -> None:
        lines, feeds = await asyncio.to_thread(self._read)
        if now - self._learned >= LEARN_S:
            self._habits = await asyncio.to_thread(self._learn, now)
            self._learned = now
        for source in self._config.sources:
            line = lines.get(source.name)
            if line is not None:
                await self._look_at_line(source, line, now)
        for name, feed in feeds.items():
            await self._look_at_output(name, feed, now)

    async def _look_at_line(self, source: Source, line: Line, now: float) -> None:
        is_open = line.state not in DOWN or source.link.scheme in _WITHOUT_LINK
        down_s = 0.0 if is_open else now - max(line.since, self._began)
        is_down = down_s >= self._config.alarms.link_minutes * _MINUTE_S
        await self._board.show(
            "link",
            source.name,
            f"The link has been down for {down_s / _MINUTE_S:.0f} min: {line.detail}" if is_down else None,
            line.detail,
        )
        if is_open:  # a link that is down is silent of course
            await self._look_at_silence(source, self._silence(source, line, now))
        off = self._drifts[source.name].look(line.drift_s)
        await self._board.show("clock", source.name, off, "The PBX clock is right again.")

    async def _look_at_silence(self, source: Source, wrong: str | None) -> None:
        if wrong is None:
            self._nudged.discard(source.name)
        elif source.nudge and source.name not in self._nudged:
            self._nudged.add(source.name)
            self._nudge(source.name)
            return
        await self._board.show("silence", source.name, wrong, "Records come again.")

    def _silence(self, source: Source, line: Line, now: float) -> str | None:
        since = max(line.last_record or self._began, self._began)
        if source.silence_minutes == 0 or now - since < source.silence_minutes * _MINUTE_S:
            return None
        habit = self._habits.get(source.name)
        silence = habit.silence(since, now) if habit else None
        if silence is None or not silence.is_too_long:
            return None
        came = moment(line.last_record, self._zone_of(source))
        last = f"the last came {to_the_second(came)}" if came else "none ever came"
        usual = (
            f"at least {silence.missed:.0f} calls would have come by now"
            if silence.missed
            else f"{silence.worked_s / _MINUTE_S:.0f} of them in working hours"
        )
        return (
            f"No record for {(now - since) / _MINUTE_S:.0f} min, {usual}; {last}. "
            "Check the cable, and whether the PBX still prints."
        )

    async def _look_at_output(self, name: str, feed: Feed, now: float) -> None:
        failing_s = now - max(feed.since, self._began) if feed.state != "ok" else 0.0
        failing = failing_s >= self._config.alarms.output_minutes * _MINUTE_S
        wrong = f"No calls are taken for {failing_s / _MINUTE_S:.0f} min. {feed.error}" if failing else None
        await self._board.show("output", name, wrong, "Calls are taken again.")

    async def _look_at_disk(self) -> None:
        data = self._config.site.data
        free = shutil.disk_usage(data).free // _MEGABYTE
        wrong = self._trouble()
        if wrong is None and free < self._config.alarms.free_megabytes:
            wrong = f"The disk of {data} has {free:,} MB left. Make room: when it is full, the PBX has to buffer."
        await self._board.show("disk", str(data), wrong, f"The data folder is written, and has {free:,} MB left.")

    async def _look_at_certificates(self) -> None:
        for file in self._config.certificates:
            wrong = await asyncio.to_thread(self._ending, file)
            await self._board.show(
                "certificate", file.name, wrong, "A certificate that is valid for long is in its place."
            )

    def _ending(self, certificate: Path) -> str | None:
        """What is wrong with a certificate, if anything."""
        try:
            days = (expiry(certificate) - self._clock()) / _DAY_S
        except TlsError as error:
            return f"Nothing is served with it: {error}."
        if days >= self._config.alarms.certificate_days:
            return None
        left = f"It is valid for {days:.0f} more days" if days > 0 else "It is not valid any more"
        return f"{left}. Put a new one in its place: it counts from the next connection."

    def _read(self) -> tuple[Mapping[str, Line], Mapping[str, Feed]]:
        db = open_reader(self._config.site.data / "calls.db")
        try:
            counts = {row[0]: row[1:] for row in db.execute("SELECT source, last_record, drift_s FROM sources")}
            links = {row[0]: row[1:] for row in db.execute("SELECT source, state, detail, since FROM links")}
            outputs = {row[0]: row[1:] for row in db.execute("SELECT output, state, since, last_error FROM outputs")}
        finally:
            db.close()
        lines = {name: Line(*counts.get(name, (None, None)), *link) for name, link in links.items()}
        named = {output.name for output in self._config.outputs}
        feeds = {
            name: Feed(state, since, error or "") for name, (state, since, error) in outputs.items() if name in named
        }
        return lines, feeds

    def _learn(self, now: float) -> dict[str, Habit]:
        db = open_reader(self._config.site.data / "calls.db")
        try:
            return {
                source.name: Habit.learn(
                    db.execute(_HOURS, (source.name, now - LEARNED_WEEKS * _WEEK_S)),
                    now,
                    self._zone_of(source),
                    self._calendars[self._config.site_of(source.name)],
                )
                for source in self._config.sources
            }
        finally:
            db.close()

    def _zone_of(self, source: Source) -> ZoneInfo:
        """The clock of the site that a source is at."""
        return ZoneInfo(self._config.of(source.name).site.timezone)

    def _known(self) -> dict[AlarmKind, set[str]]:
        sources: set[str] = {source.name for source in self._config.sources}
        outputs: Any = {output.name for output in self._config.outputs}
        reports: set[str] = {report.name for report in self._config.reports}
        certificates = {file.name for file in self._config.certificates}
        known: dict[AlarmKind, set[str]] = {"silence": sources, "link": sources, "clock": sources}
        known |= {"output": outputs, "report": reports, "certificate": certificates}
        return known if self._config.rules.judge_minutes else known | {"rule": set(), "judging": set()}
