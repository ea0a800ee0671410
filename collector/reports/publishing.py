"""Reports by themselves: once a period is over, its report goes to a folder and to people by mail, each once.

A report is made by a process of its own: a large one takes neither time nor memory from collecting.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import sqlite3
import tempfile
import time
from contextlib import suppress
from email.message import EmailMessage
from functools import partial
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from collector.alarms.mail import send
from collector.files import put
from collector.reports.apart import make_apart
from collector.reports.making import Asked
from collector.reports.period import after, before, named, period_of
from collector.reports.published import file_name
from collector.secret import SecretError
from collector.store import publications
from collector.store.publications import MadeOf
from collector.tls import TlsError
from dashboards.words import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.alarms.board import Board
    from collector.config import Config, PublishedReport
    from collector.reports.period import Period
    from collector.store.events_db import EventsDb
    from collector.store.publications import Publication, Way

_log = logging.getLogger(__name__)

_LOOK_S = 5.0
RETRY_S = 600.0
_MODE = 0o640
"""Of a published file: its folder tells which group may read it."""


class Publisher:
    """Publishes the reports of a configuration."""

    def __init__(self, config: Config, events: EventsDb, board: Board, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._events = events
        self._board = board
        self._clock = clock
        self._zone = ZoneInfo(config.site.timezone)
        self._done: dict[str, Period] = {}
        self._not_before = dict.fromkeys((report.name for report in config.reports), float("-inf"))

    async def run(self) -> None:
        """Publish for ever."""
        is_settled = False
        while True:
            await asyncio.sleep(_LOOK_S)  # first: alarms that stood are taken up meanwhile
            try:
                if not is_settled:
                    await self._events.run(self._settle)
                    is_settled = True
                await self.publish_due()
            except sqlite3.Error as error:  # the disk: nothing is published that cannot be noted
                _log.warning("Reports cannot be published just now: %s.", error)

    def _settle(self, db: sqlite3.Connection) -> None:
        for report in self._config.reports:
            publications.settle(db, report.name, _made_of(report))

    async def publish_due(self) -> None:
        """Publish what is due now."""
        for report in self._config.reports:
            last = last_ended(report, dt.datetime.fromtimestamp(self._clock(), self._zone))
            if self._done.get(report.name) != last and self._clock() >= self._not_before[report.name]:
                await self._publish(report, last)

    async def _publish(self, report: PublishedReport, last: Period) -> None:
        due = await self._events.run(lambda db: _entered(db, report, last))
        for period in sorted({publication.period for publication in due}):
            error = await self._publish_period(report, period, [one for one in due if one.period == period])
            if error:
                self._not_before[report.name] = self._clock() + RETRY_S
                sentence = f"The report of {period} cannot be published: {error} It is tried again."
                await self._board.show("report", report.name, sentence, "")
                return
        self._done[report.name] = last
        await self._board.show("report", report.name, None, "It is published.")

    async def _publish_period(self, report: PublishedReport, period: str, due: list[Publication]) -> str | None:
        """Make the report of a period and publish it in each way that is due; a sentence where one fails."""
        wrong = None
        with tempfile.TemporaryDirectory(prefix="smdr-report-") as folder:
            file = Path(folder) / file_name(report, period)
            made = await _make(self._config, report, period, file)
            for publication in due:
                error = made or await self._in_one_way(report, publication, file)
                if error:
                    wrong = error
                    await self._events.run(lambda db, one=publication, why=error: publications.failed(db, one, why))  # type: ignore[misc]
                else:
                    made_of, now = _made_of(report), self._clock()
                    await self._events.run(partial(publications.done, publication=publication, made=made_of, at=now))
                    _log.info("Report %s of %s: published (%s).", report.name, period, publication.way)
        return wrong

    async def _in_one_way(self, report: PublishedReport, publication: Publication, file: Path) -> str | None:
        try:
            if publication.way == "folder":
                await asyncio.to_thread(_copy, file, report.folder or Path())
            else:
                message = _message(self._config, report, publication.period, file)
                await asyncio.to_thread(send, self._config.alarms, message)
        except (OSError, SecretError, TlsError) as error:
            return f"{error}."
        return None


def last_ended(report: PublishedReport, now: dt.datetime) -> Period:
    """The last period of a report that is over, and whose time of day has come on the day after it."""
    hour, minute = map(int, report.at.split(":"))
    behind = now.replace(tzinfo=None) - dt.timedelta(hours=hour, minutes=minute)
    return before(report.period, period_of(report.period, behind.date()))


def _entered(db: sqlite3.Connection, report: PublishedReport, last: Period) -> list[Publication]:
    """Note every period since the one noted last; what is due then. A new report begins with the period that ended last."""
    known = []
    for name in publications.periods(db, report.name):
        with suppress(ValueError):  # of when the report was one of another kind of period
            known.append(named(report.period, name))
    period = after(report.period, max(known)) if known else last
    while period <= last:
        publications.enter(db, [publications.Publication(report.name, period.name, way) for way in _ways(report)])
        period = after(report.period, period)
    return publications.due(db, report.name, _ways(report))


def _made_of(report: PublishedReport) -> MadeOf:
    return MadeOf(report.kind, report.of, report.unmasked)


def _ways(report: PublishedReport) -> list[Way]:
    ways: list[Way] = ["folder"] if report.folder else []
    return [*ways, "mail"] if report.to else ways


async def _make(config: Config, report: PublishedReport, period: str, file: Path) -> str | None:
    """Have a report made as a file; a sentence where that fails."""
    try:
        asked = _asked(config, report, period)
    except ValueError as error:  # of when the report was one of another kind of period
        return f"{'; '.join(map(str, error.args))}."
    return await make_apart(config, asked, report.period, file)


def _asked(config: Config, report: PublishedReport, period: str) -> Asked:
    each = report.calls if report.calls is not None else report.kind == "person"
    language = report.language or config.site.language
    return Asked(
        report.kind, named(report.period, period), language, report.of, each, report.unmasked, None, report.site
    )


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    put(folder / file.name, file.read_bytes(), mode=_MODE)


def _message(config: Config, report: PublishedReport, period: str, file: Path) -> EmailMessage:
    """The mail; its Message-ID is that of this report and period, so that one that came twice is known as one."""
    title = word(f"report.{report.kind}", report.language or config.site.language)
    message = EmailMessage()
    message["Subject"] = f"[{config.site.name}] {title} {period}"
    message["From"] = config.alarms.mail_from
    message["To"] = ", ".join(report.to)
    message["Message-ID"] = f"<{quote(config.site.name)}.report.{report.name}.{period}@smdr-collector>"
    message.set_content("\n".join(filter(None, (title, f"{config.site.name}, {period}", report.of))))
    kind, _, subtype = (guess_type(file.name)[0] or "application/octet-stream").partition("/")
    message.add_attachment(file.read_bytes(), maintype=kind, subtype=subtype, filename=file.name)
    return message
