"""Today so far against the same weekday a week ago, up to the same second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.buckets import bucket_of
from collector.rollups import SUMS, Rollup
from collector.store import queries
from dashboards.web import figures, summaries
from dashboards.web.markup import Markup, join
from dashboards.web.tiles import change, key_figure

if TYPE_CHECKING:
    import sqlite3
    from zoneinfo import ZoneInfo

    from collector.store.queries import Sums
    from dashboards.web.page import Viewer


class DaySums(NamedTuple):
    """The sums of a day so far: of all calls, and of the incoming ones alone, which are there to be answered."""

    total: Sums
    incoming: Sums


class Today(NamedTuple):
    """The sums of today up to ``now``, and those of a week ``before`` up to the same time of the wall clock."""

    now: datetime
    before: datetime
    sums: DaySums
    sums_before: DaySums


def today(connection: sqlite3.Connection, now: int, zone: ZoneInfo, target_s: int) -> Today:
    """Read it: whole hours from the rollups, and what was begun of an hour a week ago from its calls."""
    moment = datetime.fromtimestamp(now, zone)
    before = moment - timedelta(weeks=1)
    day = queries.Span(*bucket_of("day", now, zone))
    sums = [(one.direction, one.sums) for one in queries.hours(connection, day, queries.Filter())]
    return Today(moment, before, _day(sums), _since_midnight(connection, int(before.timestamp()), zone, target_s))


def _since_midnight(connection: sqlite3.Connection, until: int, zone: ZoneInfo, target_s: int) -> DaySums:
    midnight, hour = bucket_of("day", until, zone)[0], bucket_of("hour", until, zone)[0]
    whole = queries.hours(connection, queries.Span(midnight, hour), queries.Filter())
    begun = Rollup(zone, target_s)
    for call in queries.started(connection, queries.Span(hour, until + 1)):
        begun.add(call)
    rows = [
        (direction, queries.Sums(**dict(zip(SUMS, row, strict=True)))) for (_, direction, *_), row in begun.sums.items()
    ]
    return _day([*((one.direction, one.sums) for one in whole), *rows])


def _day(found: list[tuple[str, Sums]]) -> DaySums:
    incoming = (sums for direction, sums in found if direction == "incoming")
    return DaySums(summaries.total(sums for _, sums in found), summaries.total(incoming))


def cards(answer: Today, currency: str | None, viewer: Viewer) -> Markup:
    """Return the key figures of today; what it cost only where a ``currency`` is given."""
    say = viewer.say
    now, before = answer.sums.total, answer.sums_before.total
    weekday = say(f"console.weekday.{answer.before.isoweekday()}")

    def beside(text: str) -> str:
        return say("console.overview.before", weekday=weekday, date=f"{answer.before:%m-%d}", figure=text)

    days = (answer.sums, answer.sums_before)
    shares = {
        "answered-share": [answered_share(day.incoming) for day in days],
        "within-target": [figures.share(day.total.within_target, day.total.ring_known) for day in days],
    }
    parts = [
        key_figure(
            say("calls"), figures.count(now.calls), change(now.calls, before.calls), beside(figures.count(before.calls))
        ),
        *(
            key_figure(say(key), figures.percent(share), Markup(), beside(figures.percent(earlier)))
            for key, (share, earlier) in shares.items()
        ),
        key_figure(say("console.ring_mean"), _ring(now, viewer), Markup(), beside(_ring(before, viewer))),
        key_figure(
            say("talk-time"),
            figures.duration(now.talk_s),
            change(now.talk_s, before.talk_s),
            beside(figures.duration(before.talk_s)),
        ),
    ]
    if currency is not None:
        parts.append(
            key_figure(
                say("cost"),
                figures.money(now.cost_micros),
                change(now.cost_micros, before.cost_micros),
                beside(figures.money(before.cost_micros)),
                unit=currency,
            )
        )
    return join(parts)


def answered_share(incoming: Sums) -> float | None:
    """Of the incoming calls whose outcome the PBX prints, the share that was answered."""
    known = incoming.answered + incoming.unanswered + incoming.busy + incoming.failed
    return figures.share(incoming.answered, known)


def _ring(sums: Sums, viewer: Viewer) -> str:
    return figures.seconds(ring_mean(sums), viewer.language, ".1f")


def ring_mean(sums: Sums) -> float | None:
    """Mean seconds of ringing until an incoming call was answered, of those whose PBX prints it."""
    return figures.share(sums.ring_s, sums.ring_known)
