"""Every figure of the pages on traffic, counted from the printed lines alone: one function for each page.

Ranges, sums and formulas are worked out here; of the product only words, and how a number is written, are taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from grafana_lines import blocked, needed
from grafana_printed import COUNTED, RING_SECONDS, TARGET_S, ZONE, Printed, Sums, bucket, length
from recount_site import local

from dashboards.web import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from recount_site import Figures, Site

    from dashboards.web.choice import Choice

Key = TypeVar("Key")
Values = dict[str, float]
Range = tuple[int, int]
"""UTC seconds: from, and up to, not including."""

ON_DUTY = ("101", "103")
"""The extensions of `ROSTER`."""
TARGET_RINGS = TARGET_S // RING_SECONDS
DIRECTIONS = ("incoming", "outgoing", "internal")
HOURS = [f"{hour:02}" for hour in range(24)]
NOTHING = "–"  # noqa: RUF001
OUTCOMES = ("answered", "unanswered", "busy", "failed")


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())


@dataclass
class Counted:
    """What was printed, seen through the choice of a page."""

    site: Site
    choice: Choice

    @property
    def now(self) -> int:
        return self.site.now

    @property
    def dates(self) -> tuple[date, date]:
        """The first day, and the day after the last."""
        return self.choice.dates.first, self.choice.dates.last + timedelta(days=1)

    @property
    def range(self) -> Range:
        first, end = self.dates
        return midnight(first), midnight(end)

    @property
    def past(self) -> Range:
        first, end = self.range
        return first, max(first, min(end, self.now))

    @property
    def past_s(self) -> int:
        first, end = self.past
        return end - first

    @property
    def past_days(self) -> list[date]:
        """The days of which some is past."""
        first, end = self.dates
        days = [first + timedelta(days=number) for number in range((end - first).days)]
        return [day for day in days if midnight(day) < self.now]

    def fits(self, tags: dict[str, str]) -> bool:
        wanted = msgspec.to_builtins(self.choice.narrowed)
        return all(value is None or tags[name] == value for name, value in wanted.items())

    def hours(self, within: Range) -> list[Sums]:
        return [one for one in self.site.hours if within[0] <= one.start < within[1] and self.fits(one.tags)]

    @cached_property
    def shown(self) -> list[Sums]:
        return self.hours(self.range)

    def calls(self, within: Range) -> list[Printed]:
        return [call for call in self.site.calls if within[0] <= call.start < within[1] and self.fits(call.tags)]

    def starts(self, within: Range) -> list[int]:
        """Where the hours, days, months, .. that a range touches begin."""
        step = 3600 if self.choice.period == "hour" else 12 * 3600
        return sorted({bucket(self.choice.period, second) for second in (*range(*within, step), within[1] - 1)})

    def label(self, start: int) -> str:
        moment, period = local(start), self.choice.period
        if period == "hour":
            one_day = self.range[1] - self.range[0] <= 25 * 3600
            return f"{moment:%H:%M}" if one_day else f"{moment:%m-%d %H:%M}"
        if period == "quarter":
            return f"{moment.year} Q{(moment.month - 1) // 3 + 1}"
        return f"{moment:{ {'day': '%m-%d', 'month': '%Y-%m', 'year': '%Y'}[period] }}"

    def whole_months(self) -> int:
        first, end = self.dates
        return (end.year - first.year) * 12 + end.month - first.month if first.day == end.day == 1 else 0

    def months_before(self) -> Range:
        first, end = self.dates
        if months := self.whole_months():
            number = first.year * 12 + first.month - 1 - months
            return midnight(date(number // 12, number % 12 + 1, 1)), midnight(first)
        return midnight(first - (end - first)), midnight(first)

    def weeks_before(self, weeks: int) -> Range:
        first, end = self.dates
        return midnight(first - timedelta(weeks=weeks)), midnight(end - timedelta(weeks=weeks))

    def beside(self) -> tuple[Range, str]:
        """What the bars are set against, and how it is called."""
        if self.choice.period not in ("hour", "day"):
            return self.months_before(), "the period before"
        weeks = max(1, (self.dates[1] - self.dates[0]).days // 7)
        return self.weeks_before(weeks), "a week before" if weeks == 1 else f"{weeks} weeks before"

    def before(self) -> Range:
        """What the key figures are set against: as many whole hours as are past."""
        days = (self.dates[1] - self.dates[0]).days
        first, end = self.months_before() if self.whole_months() else self.weeks_before((days + 6) // 7)
        if self.range[0] <= self.now < self.range[1]:
            end = min(end, first + bucket("hour", self.now) - self.range[0])
        return first, end

    def calls_beside(self, length: int) -> list[int | None]:
        """Bar by bar, in order; None where there is no bar, or no call at all."""
        within, _ = self.beside()
        found = totals(self.hours(within), lambda one: bucket(self.choice.period, one.start))
        calls = [int(found[start]["calls"]) for start in self.starts(within)]
        if not any(calls):
            return [None] * length
        return [*calls[:length], *[None] * (length - len(calls))]

    def by_direction(self) -> dict[str, list[int]]:
        """Calls bar by bar of each direction that there is."""
        starts = self.starts(self.range)
        found = totals(self.shown, lambda one: (one.tags["direction"], bucket(self.choice.period, one.start)))
        there = {one.tags["direction"] for one in self.shown}
        return {name: [int(found[name, start]["calls"]) for start in starts] for name in DIRECTIONS if name in there}

    def week(self) -> list[list[float]]:
        """Mean calls by hour and weekday."""
        days = Counter(day.weekday() for day in self.past_days)
        found = totals(self.shown, lambda one: (local(one.start).hour, local(one.start).weekday()))
        return [
            [hour, weekday, round(found[hour, weekday]["calls"] / (days[weekday] or 1), 2)]
            for weekday in range(7)
            for hour in range(24)
        ]


def totals(rows: Iterable[Sums], key: Callable[[Sums], Key]) -> dict[Key, Values]:
    """Add up by ``key``; of what there is none, 0."""
    found: dict[Key, Values] = defaultdict(lambda: dict.fromkeys((*COUNTED, "cost"), 0))
    for one in rows:
        of_key = found[key(one)]
        for name, value in one.values.items():
            of_key[name] += value
    return found


def total(rows: Iterable[Sums]) -> Values:
    return totals(rows, lambda _: None)[None]


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def count(number: float) -> str:
    return f"{round(number):,}"


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else NOTHING


def change(now: float | None, before: float | None) -> str:
    """By how much a figure differs from the one before."""
    if now is None or not before:
        return ""
    arrow = "▲" if now > before else "▼" if now < before else "="
    return f"{arrow} × {now / before:.0f}" if now / before >= 10 else f"{arrow} {abs(now / before - 1) * 100:.1f} %"  # noqa: RUF001


def known(values: Values) -> float:
    return sum(values[outcome] for outcome in OUTCOMES)


def day_name(moment: datetime) -> str:
    return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]


def tile(value: str, note: str, *, change: str = "", unit: str = "") -> tuple[str, str, str, str]:
    return value, unit, change, note


def overview(counted: Counted) -> Figures:
    starts, now = counted.starts(counted.range), local(counted.now)
    before = now - timedelta(weeks=1)
    found = totals(counted.shown, lambda one: bucket(counted.choice.period, one.start))
    labels = [
        f"{local(start):%Y-%m-%d}" if counted.choice.period == "day" else counted.label(start) for start in starts
    ]
    came = totals(
        (one for one in counted.shown if one.tags["direction"] == "incoming"),
        lambda one: bucket(counted.choice.period, one.start),
    )
    shares = [ratio(came[start]["answered"], known(came[start])) for start in starts]
    today = so_far(counted.site.calls, now)
    if not today["calls"] and not counted.shown:
        return {}
    return {
        f"Today, {day_name(now)} {now:%Y-%m-%d}, until {now:%H:%M}": "",
        **today_tiles(today, so_far(counted.site.calls, before), before),
        "Over time, labels": labels,
        **{f"Over time, {name}": calls for name, calls in counted.by_direction().items()},
        f"Over time, {counted.beside()[1]}": counted.calls_beside(len(starts)),
        "Over time, Share answered": [None if share is None else round(100 * share, 1) for share in shares],
        "Week, labels": HOURS,
        "Week, Week": counted.week(),
        "The same in figures, rows": [
            [
                label,
                count(found[start]["calls"]),
                percent(came[start]["answered"], known(came[start])),
                mean_ring(found[start]),
                figures.short_duration(found[start]["talk_s"], "en"),
                f"{found[start]['cost']:,.2f}",
            ]
            for label, start in reversed(list(zip(labels, starts, strict=True)))
            if found[start]["calls"]
        ],
    }


def so_far(calls: list[Printed], until: datetime) -> Values:
    """The calls of a day up to a moment, that second included; their outcomes are those of the incoming ones."""
    found = dict.fromkeys((*COUNTED, "cost"), 0.0)
    for call in calls:
        if midnight(until.date()) <= call.start <= until.timestamp():
            found["calls"] += 1
            found["talk_s"] += call.talk_s or 0
            found["cost"] += call.cost or 0
            if call.direction == "incoming" and call.outcome in found:
                found[call.outcome] += 1
            if call.outcome == "answered" and call.ring_s is not None:
                found["ring_known"] += 1
                found["ring_s"] += call.ring_s
                found["within_target"] += call.ring_s <= TARGET_S
    return found


def today_tiles(now: Values, before: Values, then: datetime) -> Figures:
    def beside(figure: str) -> str:
        return f"{figure} on {day_name(then)} {then:%m-%d} by this time"

    def cost(values: Values) -> str:
        return f"{values['cost']:,.2f}"

    def plain(write: Callable[[Values], str]) -> tuple[str, str, str, str]:
        return tile(write(now), beside(write(before)))

    return {
        "Calls": tile(
            count(now["calls"]), beside(count(before["calls"])), change=change(now["calls"], before["calls"])
        ),
        "Share answered": plain(lambda values: percent(values["answered"], known(values))),
        "Answered within the target": plain(lambda values: percent(values["within_target"], values["ring_known"])),
        "Ring to answer, mean": plain(mean_ring),
        "Talk time": tile(
            figures.duration(now["talk_s"]),
            beside(figures.duration(before["talk_s"])),
            change=change(now["talk_s"], before["talk_s"]),
        ),
        "Cost": tile(cost(now), beside(cost(before)), change=change(now["cost"], before["cost"]), unit="CNY"),
    }


def mean_ring(values: Values) -> str:
    return f"{values['ring_s'] / values['ring_known']:.1f} s" if values["ring_known"] else NOTHING


def traffic(counted: Counted) -> Figures:
    now, (first, end) = total(counted.shown), counted.before()
    if not now["calls"]:
        return {}
    before = total(counted.hours((first, end)))
    starts = counted.starts(counted.range)
    found = totals(counted.shown, lambda one: bucket(counted.choice.period, one.start))
    by_hour = totals(counted.shown, lambda one: local(one.start).hour)
    connected, mean_talk = connections(now), ratio(now["talk_s"], connections(now))
    erlangs, erlangs_before = now["held_s"] / counted.past_s, before["held_s"] / (end - first) if end > first else 0
    return {
        "Calls": tile(
            count(now["calls"]),
            compared(first, end) if before["calls"] else "no calls before to compare with",
            change=change(now["calls"], before["calls"]),
        ),
        "Talk time": tile(
            figures.duration(now["talk_s"]),
            f"{figures.decimal(now['talk_s'] / 3600)} hours",
            change=change(now["talk_s"], before["talk_s"]),
        ),
        "Mean talk time": tile(
            figures.duration(mean_talk),
            f"over {count(connected)} calls not known to have failed",
            change=change(mean_talk, ratio(before["talk_s"], connections(before))),
        ),
        "Mean traffic": tile(
            figures.decimal(erlangs),
            "lines busy on average, ringing included",
            change=change(erlangs, erlangs_before),
            unit="Erl",
        ),
        "Busy hour": busy_hour(counted),
        "Answered": tile(
            percent(now["answered"], known(now)),
            f"of {count(known(now))} · {count(now['unanswered'])} unanswered · 0 busy · 0 failed",
        ),
        "Over time, labels": [counted.label(max(start, counted.range[0])) for start in starts],
        **{f"Over time, {name}": calls for name, calls in counted.by_direction().items()},
        f"Over time, {counted.beside()[1]}": counted.calls_beside(len(starts)),
        "Over time, Talk time": [round(found[start]["talk_s"] / 3600, 3) for start in starts],
        "Over time, Erlangs": [
            None if start > counted.now else round(found[start]["held_s"] / shown_s(counted, start), 3)
            for start in starts
        ],
        "Week, labels": HOURS,
        "Week, Week": counted.week(),
        "Hours of the day, labels": HOURS,
        "Hours of the day, Erlangs": [
            round(by_hour[hour]["held_s"] / 3600 / len(counted.past_days), 3) for hour in range(24)
        ],
        **{f"By {name}, rows": divided(counted, name) for name in ("direction", "class", "department", "trunk")},
    }


def connections(values: Values) -> float:
    return values["calls"] - values["unanswered"] - values["busy"] - values["failed"]


def shown_s(counted: Counted, start: int) -> int:
    """Seconds of a bar: the first and the last may be cut by the range."""
    first, end = counted.range
    return min(end, start + length(counted.choice.period, start)) - max(first, start)


def compared(first: int, end: int) -> str:
    one, other = local(first).date(), local(end - 1).date()
    if one == other:
        return f"against {one}"
    return f"against {one} to {other:%m-%d}" if one.year == other.year else f"against {one} to {other}"


def busy_hour(counted: Counted) -> tuple[str, str, str, str]:
    held = Counter[int]()
    for one in counted.shown:
        held[one.start] += round(one.values["held_s"])
    if not held.total():
        return tile(NOTHING, "no traffic in these hours")
    hour = min(hour for hour in held if held[hour] == max(held.values()))
    begin, end = local(hour), local(hour + 3600)
    when = f"{day_name(begin)} {begin:%Y-%m-%d %H:%M}–{end:%H:%M}"  # noqa: RUF001
    return tile(figures.decimal(held[hour] / 3600), when, unit="Erl")


def divided(counted: Counted, tag: str) -> list[list[str]]:
    """A table by direction, class, department or trunk, most calls first."""
    found = totals(counted.shown, lambda one: one.tags[tag])
    names = sorted(found, key=lambda name: (-found[name]["calls"], name))
    assert len(names) <= 8, "more than a table shows"
    most = max(values["calls"] for values in found.values())
    return [
        [
            f"{called(tag, name)} {100 * found[name]['calls'] / most:.1f}%",
            count(found[name]["calls"]),
            figures.short_duration(found[name]["talk_s"], "en"),
            figures.decimal(found[name]["held_s"] / counted.past_s),
        ]
        for name in names
    ]


def called(tag: str, name: str) -> str:
    if not name:
        return "(none)"
    return {"hk-macau-taiwan": "Hong Kong, Macau, Taiwan"}.get(name, name) if tag == "class" else name


def answering(counted: Counted) -> Figures:
    calls = [call for call in counted.calls(counted.range) if call.direction == "incoming"]
    if not calls:
        return {}
    answered = [call for call in calls if call.outcome == "answered"]
    missed = [call for call in calls if call.outcome == "unanswered"]
    rang, target = rings_of(answered), f"target: {TARGET_RINGS} rings = {TARGET_S} s"
    within = sum(ring_s <= TARGET_S for ring_s in rang)
    by_bar: dict[int, list[Printed]] = defaultdict(list)
    for call in answered:
        by_bar[bucket(counted.choice.period, call.start)].append(call)
    bars = [rings_of(by_bar[start]) for start in counted.starts(counted.range)]
    too_long = sum(call.rings > TARGET_RINGS for call in missed if call.rings is not None)
    told = any(call.ring_s is not None for call in missed)
    return {
        "Share answered": tile(
            percent(len(answered), len(calls)), f"{count(len(answered))} of {count(len(calls))} incoming calls"
        ),
        f"Within {TARGET_RINGS} rings": tile(
            percent(within, len(rang)) if rang else "not reported",
            f"{count(within)} of {count(len(rang))} calls within {TARGET_S} s",
        ),
        **{
            name: tile(
                str(rank(rang, part)) if rang else "not reported",
                f"{count(len(rang))} of {count(len(answered))} answered calls report it"
                if part == 50
                else f"{'9 of 10' if part == 90 else '19 of 20'} were answered by then",
                unit="s" if rang else "",
            )
            for name, part in PERCENTILES.items()
        },
        "Unanswered": tile(
            count(len(missed)),
            f"{count(too_long)} rang longer than {TARGET_RINGS} rings"
            if told or not missed
            else "how long they rang is not reported",
        ),
        "Ring to answer": target,
        "Ring to answer, labels": [counted.label(start) for start in counted.starts(counted.range)],
        **{f"Ring to answer, {name}": [rank(bar, part) for bar in bars] for name, part in PERCENTILES.items()},
        "Ring to answer, Answered within the target": [
            round(100 * sum(ring_s <= TARGET_S for ring_s in bar) / len(bar), 1) if bar else None for bar in bars
        ],
        **in_rings("Answered calls by rings", answered, target),
        **in_rings("Unanswered calls by rings", missed, target),
        "Extensions that answer late, rows": answerers(lambda call: call.extension, answered, missed),
        "Departments that answer late, rows": answerers(
            lambda call: call.tags["department"], answered, missed, "no department"
        ),
        **operators(answered, [call for call in calls if call.outcome != "answered"]),
    }


PERCENTILES = {"Median": 50, "90th percentile": 90, "95th percentile": 95}


def rings_of(calls: list[Printed]) -> list[int]:
    return sorted(call.ring_s for call in calls if call.ring_s is not None)


def rank(ordered: list[int], part: int) -> int | None:
    """The least of the values that so many of a hundred do not exceed."""
    return next((value for place, value in enumerate(ordered, 1) if 100 * place >= part * len(ordered)), None)


def in_rings(name: str, calls: list[Printed], target: str) -> Figures:
    unknown = sum(call.rings is None for call in calls)
    bars = Counter(min(call.rings, 11) for call in calls if call.rings is not None)
    return {
        name: f"{target} · {count(unknown)} not reported" if unknown else target,
        f"{name}, labels": [*map(str, range(11)), ">10"],
        f"{name}, Calls": [bars[rings] for rings in range(12)],
    }


def operators(answered: list[Printed], others: list[Printed]) -> Figures:
    """Calls to the extensions of the roster, by who was on duty."""
    title = "Operators that answer late"
    answered, others = ([call for call in some if call.extension in ON_DUTY] for some in (answered, others))
    if not answered and not others:
        return {f"{title}, note": "no traffic in these hours"}
    return {f"{title}, rows": answerers(on_duty, answered, others, "nobody on duty")}


def on_duty(call: Printed) -> str:
    moment = local(call.start)
    if call.extension == "103":
        return "Weber" if moment.hour >= 22 or moment.hour < 6 else ""
    if moment.weekday() > 4 or not 6 <= moment.hour < 22:
        return ""
    if moment.hour < 14:
        return "Meyer"
    return "Schmidt" if moment.year < 2025 else "Wang"


def answerers(
    name_of: Callable[[Printed], str], answered: list[Printed], missed: list[Printed], nobody: str = ""
) -> list[list[str]]:
    """Most calls that were answered late or not at all first."""
    rows = []
    for name in {name_of(call) for call in (*answered, *missed)}:
        took = [call for call in answered if name_of(call) == name]
        rang = rings_of(took)
        late = sum(ring_s > TARGET_S for ring_s in rang)
        lost = sum(name_of(call) == name for call in missed)
        timed = [
            count(late),
            percent(len(rang) - late, len(rang)),
            *(f"{rank(rang, part)} s" if rang else NOTHING for part in (50, 90)),
        ]
        timed = timed if rang or not took else ["not reported"] * 4
        rows.append((-(late + lost), name, [name or nobody, *map(count, (late + lost, len(took), lost)), *timed]))
    assert len(rows) <= 12, "more than the table shows"
    return [cells for _, _, cells in sorted(rows)]


def trunks(counted: Counted) -> Figures:
    rows = [one for one in counted.shown if one.tags["trunk"]]
    if not rows:
        return {}
    one_source = len({one.tags["source"] for one in rows}) == 1

    def name(one: Sums) -> str:
        return one.tags["trunk"] if one_source else f"{one.tags['source']} {one.tags['trunk']}"

    together, by_hour = totals(rows, lambda one: one.start), totals(rows, lambda one: (name(one), one.start))
    lines = totals(rows, name)
    busiest = max(values["held_s"] for values in together.values())
    hour = min(hour for hour, values in together.items() if values["held_s"] == busiest)
    most, at, full_s = second_by_second(counted, len(lines))
    peaks: dict[int, float] = defaultdict(float)
    for start, values in together.items():
        place = bucket(counted.choice.period, start)
        peaks[place] = max(peaks[place], values["held_s"] / 3600)
    table = []
    for line, values in lines.items():
        erlangs = values["held_s"] / counted.past_s
        fullest = max(held["held_s"] for (other, _), held in by_hour.items() if other == line) / 3600
        cells = [count(values["calls"]), figures.short_duration(values["talk_s"], "en"), figures.decimal(erlangs)]
        bar = f"{min(100.0, 100 * fullest):.1f}%"
        table.append((-erlangs, line, [f"{line} {bar}", *cells, f"{100 * fullest:.1f} %"]))
    return {
        "Busy hour": tile(figures.decimal(busiest / 3600), second(hour), unit="Erl"),
        "Trunks used": tile(count(len(lines)), "with a call in this range"),
        "Trunks needed": tile(
            count(needed(busiest / 3600)), "for the busy hour, with 1.0 % of calls blocked (Erlang B)"
        ),
        "Blocked in the busy hour": tile(
            f"{100 * blocked(busiest / 3600, len(lines)):.1f} %", "with the trunks used, by Erlang B"
        ),
        "Most held at once": tile(count(most), second(at) if at is not None else "no traffic in these hours"),
        "All trunks busy": tile(figures.duration(full_s), "as long as every trunk used here was held"),
        "Busiest hours, labels": [counted.label(start) for start in counted.starts(counted.range)],
        "Busiest hours, Busy hour": [round(peaks[start], 3) for start in counted.starts(counted.range)],
        "By trunk, rows": [cells for _, _, cells in sorted(table)],
    }


def second(moment: int) -> str:
    """A second, told to the minute where an hour begins."""
    begin = local(moment)
    return f"{day_name(begin)} {begin:%Y-%m-%d %H:%M}" + ("" if moment % 3600 == 0 else f"{begin:%S}".join((":", "")))


def second_by_second(counted: Counted, lines: int) -> tuple[int, int | None, int]:
    """How many lines were held at once at most and when first, and for how many seconds all of them were."""
    first, end = counted.range
    in_hour: dict[int, list[range]] = defaultdict(list)
    for call in counted.calls((first - 86_400, end)):
        until = call.start + (call.ring_s or 0) + (call.talk_s or 0)
        held = range(max(first, call.start), min(end, until))
        if call.trunk and held:
            for hour in range(held.start // 3600, (held.stop - 1) // 3600 + 1):
                in_hour[hour].append(range(max(held.start, hour * 3600), min(held.stop, hour * 3600 + 3600)))
    most, at, full_s = 0, None, 0
    for hour in sorted(in_hour):
        if len(in_hour[hour]) > most or len(in_hour[hour]) >= lines:  # fewer calls cannot make a difference
            seconds = Counter(one for held in in_hour[hour] for one in held)
            full_s += sum(at_once >= lines for at_once in seconds.values())
            if max(seconds.values()) > most:
                most = max(seconds.values())
                at = min(one for one, at_once in seconds.items() if at_once == most)
    return most, at, full_s


EXPECTED: dict[str, Callable[[Counted], dict[str, Any]]] = {
    "overview": overview,
    "traffic": traffic,
    "answering": answering,
    "trunks": trunks,
}
