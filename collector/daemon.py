"""The collector: inputs into the journal, the journal into calls.db, calls.db into the outputs. Runs until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from typing import TYPE_CHECKING

from collector.alarms.board import Board
from collector.alarms.spending import Spending
from collector.alarms.telling import Teller, channels_of
from collector.alarms.ticketing import Ticketing
from collector.alarms.watch import Watch
from collector.assembly import journal_of
from collector.attaching import InForce, NewSources
from collector.errors import UserError
from collector.journal_thread import JournalThread
from collector.keeping.retiring import keep_to
from collector.keeping.schedule import keep_backups
from collector.liveness import Liveness, keep_watchdog, notify
from collector.memory import keep_small, share_memory
from collector.projector import Projector
from collector.reading import Reading, SourceSink
from collector.reloading import Reloading, tables_to_start_with
from collector.rules.schedule import Judging
from collector.running import only_writer
from collector.segments import JournalError
from collector.store.database import NewerDatabaseError, refuse_newer
from collector.store.events_db import EventsDb
from collector.store.feed import StoreFeed
from collector.tls import TlsError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from collector.config import Config, Metrics, Source
    from collector.reloading import Tables

_log = logging.getLogger(__name__)

_TIDY_S = 60.0


def run(config: Config) -> None:
    """Run the collector until SIGTERM, SIGINT, or the end of every input. Raises `UserError` if it cannot start."""
    share_memory()
    with only_writer(config.site.data):
        try:
            asyncio.run(_run(config))
        except NewerDatabaseError as error:
            raise UserError(str(error)) from None
        except JournalError as error:
            raise UserError(f"Nothing can be collected: {error}.") from None


async def _run(config: Config) -> None:
    stop = _told_to_stop()
    refuse_newer(config.site.data / "calls.db")
    feeds: list[StoreFeed] = []
    in_force = tables_to_start_with(config)
    projector = Projector(config, in_force.accounting, lambda: _each(feeds))
    journal = JournalThread(journal_of(config), projector.wake)
    events = EventsDb(config.site.data / "events.db")
    readings: dict[str, Reading] = {}
    reading: list[asyncio.Task[None]] = []
    attached = InForce(config)
    projector.start()
    journal.start()
    projector.wake()
    try:
        async with asyncio.TaskGroup() as tasks:

            def read(sources: Iterable[Source]) -> None:
                for source in sources:
                    if source.name not in readings:
                        one = Reading(source, SourceSink(source.name, journal, projector, events), config.site.data)
                        readings[source.name] = one
                        reading.append(tasks.create_task(one.run()))

            sending = [tasks.create_task(task) for task in _outputs(attached, projector, feeds)]
            duties = _duties(attached, in_force, events, readings, journal, projector, read)
            watching = [tasks.create_task(task) for task in duties]
            read(config.sources)
            _log.info("Collecting from %s into %s.", _names(config.sources), config.site.data)
            await _stopped_or_done(stop, reading)
            for task in [*reading, *sending, *watching]:
                task.cancel()
    finally:
        notify("STOPPING=1")
        await asyncio.to_thread(journal.stop)
        await asyncio.to_thread(projector.stop)
        for feed in feeds:
            feed.close()
        await asyncio.to_thread(events.close)
        _log.info("Stopped; everything received is kept.")


def _outputs(attached: InForce, projector: Projector, feeds: list[StoreFeed]) -> list[Coroutine[Any, Any, None]]:
    config = attached.config
    if not config.outputs:
        return []
    from collector.outputs.figures import figures  # noqa: PLC0415
    from collector.outputs.influxdb import InfluxOutput  # noqa: PLC0415  (costs memory: only where one is configured)
    from collector.outputs.office import Office  # noqa: PLC0415

    office = Office(config)
    running = [office.run()]
    for output in config.outputs:
        feed = StoreFeed(config.site.data / "calls.db", projector)
        feeds.append(feed)
        influx = InfluxOutput(
            output,
            config.site,
            feed,
            site_of=lambda source: attached.config.of(source).site,
            figures=lambda: figures(attached.config),
            office=office,
            rest=projector.rest,
            return_within_s=60 * config.rules.missed_minutes,
        )
        running.append(influx.run())
    return running


def _duties(
    attached: InForce,
    in_force: Tables,
    events: EventsDb,
    readings: dict[str, Reading],
    journal: JournalThread,
    projector: Projector,
    read: Callable[[Iterable[Source]], None],
) -> list[Coroutine[Any, Any, None]]:
    """Everything that is done besides reading and sending. ``read`` begins to read those sources that are not read yet."""
    config = attached.config
    channels = channels_of(config.site, config.alarms)
    board = Board(events, tuple(channels), time.time)
    watch = Watch(
        config,
        in_force.calendars,
        board,
        nudge=lambda source: readings[source].nudge(),
        trouble=lambda: _trouble(journal.error, projector.error),
    )

    judging = Judging(config, board) if config.rules.judge_minutes else None

    def take(tables: Tables) -> None:
        projector.account_by(tables.accounting)
        watch.work_by(tables.calendars)
        if judging:
            judging.tables_changed()

    def attend(changed: Config) -> None:
        projector.attend(changed)
        watch.attend(changed)
        read(changed.sources)

    liveness = Liveness(journal, projector)
    tasks = [
        watch.run(),
        NewSources(attached, attend).run(),
        Reloading(config, board, take).run(),
        Teller(events, channels).run(),
        Ticketing(config).run(),
        keep_watchdog(liveness),
        keep_small(_TIDY_S),
    ]
    if judging:
        tasks.append(judging.run())
    if config.office.budgets:
        tasks.append(Spending(config).run())
    if config.metrics:
        tasks.append(_serve_metrics(config.metrics, attached, liveness))
    if config.backup:
        tasks.append(keep_backups(config, config.backup, board))
    if config.reports:
        from collector.reports.publishing import Publisher  # noqa: PLC0415  (costs memory: only where one is configured)

        tasks.append(Publisher(config, events, board).run())
    if config.retention:
        tasks.append(keep_to(config.retention, config, projector, events))
    return tasks


async def _serve_metrics(settings: Metrics, attached: InForce, liveness: Liveness) -> None:
    from collector.metrics import MetricsServer  # noqa: PLC0415  (costs memory: only where they are asked for)

    try:
        server = MetricsServer(lambda: attached.config, liveness, settings)
    except (OSError, TlsError) as error:  # no reason not to collect
        _log.error("Metrics cannot be served at %s: %s.", settings.listen, getattr(error, "strerror", None) or error)
        return
    try:
        await asyncio.Event().wait()
    finally:
        server.close()


def _trouble(journal: str | None, calls: str | None) -> str | None:
    """A sentence about what cannot be written, if anything."""
    if journal is not None:
        return f"The journal cannot be written ({journal}): received bytes wait in memory. Make room, soon."
    return None if calls is None else f"calls.db cannot be written ({calls}): records wait in the journal."


def _told_to_stop() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set. Asked for before anything starts, so that it always ends in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _stopped_or_done(stop: asyncio.Event, reading: list[asyncio.Task[None]]) -> None:
    """Wait for the order to stop, or the end of every input; ``reading`` may grow meanwhile."""
    stopped = asyncio.create_task(stop.wait())
    while not stopped.done() and (running := {task for task in reading if not task.done()}):
        await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()


def _each(feeds: list[StoreFeed]) -> None:
    for feed in feeds:
        feed.committed()


def _names(sources: tuple[Source, ...]) -> str:
    return ", ".join(source.name for source in sources)
