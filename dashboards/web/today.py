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


class Today(NamedTuple):
    """The sums of today up to ``now``, and those of a week ``before`` up to the same time of the wall clock."""

    now: datetime
    before: datetime
    sums: Sums
    sums_before: Sums


def today(connection: sqlite3.Connection, now: int, zone: ZoneInfo, target_s: int) -> Today:
    """Read it: whole hours from the rollups, and what was begun of an hour a week ago from its calls."""
    moment = datetime.fromtimestamp(now, zone)
    before = moment - timedelta(weeks=1)
    day = queries.Span(*bucket_of("day", now, zone))
    sums = summaries.total(one.sums for one in queries.hours(connection, day, queries.Filter()))
    return Today(moment, before, sums, _since_midnight(connection, int(before.timestamp()), zone, target_s))


def _since_midnight(connection: sqlite3.Connection, until: int, zone: ZoneInfo, target_s: int) -> Sums:
    midnight, hour = bucket_of("day", until, zone)[0], bucket_of("hour", until, zone)[0]
    whole = queries.hours(connection, queries.Span(midnight, hour), queries.Filter())
    begun = Rollup(zone, target_s)
    for call in queries.started(connection, queries.Span(hour, until + 1)):
        begun.add(call)
    rows = (dict(zip(SUMS, row, strict=True)) for row in begun.sums.values())
    return summaries.total([*(one.sums for one in whole), *(queries.Sums(**row) for row in rows)])


def cards(answer: Today, currency: str | None, viewer: Viewer) -> Markup:
    """Return the key figures of today; what it cost only where a ``currency`` is given."""
    say = viewer.say
    now, before = answer.sums, answer.sums_before
    weekday = say(f"console.weekday.{answer.before.isoweekday()}")

    def beside(text: str) -> str:
        return say("console.overview.before", weekday=weekday, date=f"{answer.before:%m-%d}", figure=text)

    shares = {key: (_share(key, now), _share(key, before)) for key in ("answered-share", "within-target")}
    parts = [
        key_figure(
            say("calls"), figures.count(now.calls), change(now.calls, before.calls), beside(figures.count(before.calls))
        ),
        *(
            key_figure(say(key), figures.percent(share), Markup(), beside(figures.percent(earlier)))
            for key, (share, earlier) in shares.items()
        ),
        key_figure(say("console.ring_mean"), _ring(now), Markup(), beside(_ring(before))),
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


def answered_share(sums: Sums) -> float | None:
    """Of the calls whose outcome the PBX prints, the share that was answered."""
    return figures.share(sums.answered, sums.answered + sums.unanswered + sums.busy + sums.failed)


def _share(key: str, sums: Sums) -> float | None:
    return answered_share(sums) if key == "answered-share" else figures.share(sums.within_target, sums.ring_known)


def _ring(sums: Sums) -> str:
    mean = ring_mean(sums)
    return figures.NONE if mean is None else f"{mean:.1f} s"


def ring_mean(sums: Sums) -> float | None:
    """Mean seconds of ringing until an incoming call was answered, of those whose PBX prints it."""
    return figures.share(sums.ring_s, sums.ring_known)
