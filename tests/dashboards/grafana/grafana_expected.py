"""What every panel must show, counted from the printed lines alone: one function for each panel title."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from math import floor
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from grafana_lines import hours_of_lines
from grafana_printed import COUNTED, PEOPLE, SITE, ZONE, Printed, Sums, bucket, length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grafana_asking import Choice, Row

    Columns: TypeAlias = dict[str, Callable[["Values"], float]]
    Expectation: TypeAlias = Callable[["Counted"], dict[str, list[Row]]]

Values: TypeAlias = dict[str, float]

CALLS = {"calls": lambda v: v["calls"]}
TALK = {"talk_s": lambda v: v["talk_s"]}
SHARE = {"share": lambda v: v["answered"] / (v["answered"] + v["unanswered"] + v["busy"] + v["failed"])}
WITHIN = {"within": lambda v: v["within_target"] / v["ring_known"]}
ERLANGS = {"erlangs": lambda v: v["erlangs"]}
OUTCOMES: Columns = {name: itemgetter(name) for name in ("answered", "unanswered", "busy", "failed")}


@dataclass
class Counted:
    """The printed calls, added up by every period, seen through one choice of range and variables."""

    calls: list[Printed]
    sums: dict[str, list[Sums]]
    choice: Choice
    _seen: dict[str, list[Sums]] = field(default_factory=dict)

    def traffic(
        self,
        columns: Columns,
        *by: str,
        period: str = "hour",
        timed: bool = False,
        where: Callable[[Sums], bool] = lambda _: True,
    ) -> list[Row]:
        """Rows of the buckets that begin in range; ``timed`` keeps buckets apart."""
        groups: dict[tuple[object, ...], Values] = defaultdict(
            lambda: dict.fromkeys((*COUNTED, "cost", "erlangs"), 0.0)
        )
        for one in self._in_view(period):
            if where(one):
                group = groups[one.start if timed else self.choice.first, *(one.tags[tag] for tag in by)]
                for name, value in one.values.items():
                    group[name] += value
                group["erlangs"] += one.values["held_s"] / length(period, one.start)
        return [
            {"time": start, **dict(zip(by, tags, strict=True)), **{name: count(v) for name, count in columns.items()}}
            for (start, *tags), v in groups.items()
        ]

    def _in_view(self, period: str) -> list[Sums]:
        if period not in self._seen:
            first, last = self.choice.first, self.choice.last
            sums = [one for one in self.sums[period] if first <= one.start <= last and self.choice.fits(one.tags)]
            self._seen[period] = sums
        return self._seen[period]

    def incoming(
        self, columns: Columns, *, period: str = "hour", timed: bool = False, having: str = "calls"
    ) -> list[Row]:
        def where(one: Sums) -> bool:
            return one.tags["direction"] == "incoming" and one.values[having] > 0

        return self.traffic(columns, period=period, timed=timed, where=where)

    def mean_erlangs(self) -> Columns:
        seconds = self.choice.last - self.choice.first
        return {"erlangs": lambda v: v["held_s"] / seconds}

    def chosen(self, outcome: str = "") -> list[Printed]:
        """Return the incoming calls in range, all or those of an outcome."""
        return [call for call in self._incoming_calls if outcome in {"", call.outcome}]

    @cached_property
    def _incoming_calls(self) -> list[Printed]:
        # The record's place in the stream is the nanoseconds of its time.
        first, last = self.choice.first * 10**9, self.choice.last * 10**9
        return [
            call
            for call in self.calls
            if first <= call.start * 10**9 + call.offset <= last
            and call.direction == "incoming"
            and self.choice.fits(call.tags)
        ]

    def paid(self) -> list[Printed]:
        """Return the calls in range that have a cost."""
        first, last = self.choice.first * 10**9, self.choice.last * 10**9
        return [
            call
            for call in self.calls
            if first <= call.start * 10**9 + call.offset <= last
            and call.cost is not None
            and self.choice.fits(call.tags)
        ]

    @cached_property
    def lines(self) -> list[Row]:
        """The hours in range of the lines of each source."""
        first, last = self.choice.first, self.choice.last
        return [
            {"time": hour, "source": source, **fields}
            for (source, hour), fields in all_lines(self.calls).items()
            if first <= hour <= last and self.choice.fits({"site": SITE, "source": source}, ("site", "source"))
        ]

    def before(self) -> Counted:
        choice = self.choice.before()
        shorter = [[one for one in sums if one.start != choice.last] for sums in self.sums.values()]
        return Counted(self.calls, dict(zip(self.sums, shorter, strict=True)), choice)


def percentile(values: Iterable[int], share: float) -> int | None:
    """Nearest rank."""
    ordered = sorted(values)
    rank = floor(len(ordered) * share / 100 + 0.5)
    return ordered[rank - 1] if 1 <= rank <= len(ordered) else None


def without_nulls(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def percentiles(calls: Iterable[Printed]) -> Row:
    rings = [call.ring_s for call in calls if call.ring_s is not None]
    shares = (("median", 50), ("p90", 90), ("p95", 95))
    return without_nulls({name: percentile(rings, share) for name, share in shares})


def window(interval: str, second: int) -> int:
    """Start of the window of time that holds a moment: whole hours of the local clock, or a local day."""
    if interval == "1d":
        return bucket("day", second)
    hour = datetime.fromtimestamp(second, ZONE).hour
    return bucket("hour", second) - hour % int(interval.removesuffix("h")) * 3600


def change(counted: Counted, columns: Columns) -> list[Row]:
    (name,) = columns
    rows = sorted(counted.traffic(columns, period=counted.choice.period, timed=True), key=lambda row: row["time"])
    return [{"time": after["time"], "change": after[name] - before[name]} for before, after in pairwise(rows)]


def against_before(columns: Callable[[Counted], Columns], *, incoming: bool = False) -> Expectation:
    def rows(counted: Counted) -> list[Row]:
        return counted.incoming(columns(counted)) if incoming else counted.traffic(columns(counted))

    return lambda counted: {"A": rows(counted), "B": rows(counted.before())}


def divided(tag: str) -> dict[str, Expectation]:
    measures: dict[str, Columns] = {"Calls": CALLS, "Talk time": TALK, "Erlangs": ERLANGS}

    def per_period(columns: Columns) -> Expectation:
        return lambda counted: {"A": counted.traffic(columns, tag, period=counted.choice.period, timed=True)}

    def totals(counted: Counted) -> dict[str, list[Row]]:
        answered = {"answered": lambda v: v["answered"]}
        return {"A": counted.traffic(CALLS | answered | TALK | counted.mean_erlangs(), tag)}

    panels = {f"{name} per ${{period:text}}, by {tag}": per_period(columns) for name, columns in measures.items()}
    return panels | {f"Totals by {tag}": totals}


def highest(columns: Columns) -> Expectation:
    (name,) = columns

    def rows(counted: Counted) -> dict[str, list[Row]]:
        hours = counted.traffic(columns, timed=True)
        return {"A": [{name: max(row[name] for row in hours)}] if hours else []}

    return rows


def profile(*by: str) -> Expectation:
    """Calls by weekday and hour; this measurement is not kept per extension."""

    def rows(counted: Counted) -> dict[str, list[Row]]:
        groups: dict[tuple[str, ...], float] = defaultdict(float)
        for one in counted.sums["hour"]:
            local = datetime.fromtimestamp(one.start, ZONE)
            names = {"weekday": str(local.isoweekday()), "hour": f"{local.hour:02}"}
            in_range = counted.choice.first <= one.start <= counted.choice.last
            if in_range and counted.choice.fits(one.tags, ("site", "source", "department")):
                groups[tuple(names[tag] for tag in by)] += one.values["calls"]
        start = counted.choice.first
        return {"A": [{"time": start, **dict(zip(by, k, strict=True)), "calls": v} for k, v in groups.items()]}

    return rows


def ring(share: int) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        value = percentile((call.ring_s for call in counted.chosen("answered") if call.ring_s is not None), share)
        return {"A": [] if value is None else [{"ring_s": value}]}

    return rows


def rang_over_time(outcome: str) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        windows = defaultdict(list)
        for call in counted.chosen(outcome):
            windows[window(counted.choice.interval, call.start)].append(call)
        found = [{"time": start, **percentiles(calls)} for start, calls in windows.items()]
        return {"A": [row for row in found if len(row) > 1]}

    return rows


def count(calls: Sequence[Printed], counted: Counted) -> list[Row]:
    return [{"time": counted.choice.first, "calls": len(calls)}] if calls else []


def without_ring(outcome: str, counted: Counted) -> list[Row]:
    calls = counted.chosen(outcome)
    unknown = sum(call.ring_s is None for call in calls)
    return [{"time": counted.choice.first, "calls": unknown}] if calls else []


def in_rings(outcome: str) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        calls = [call for call in counted.chosen(outcome) if call.rings is not None]
        bars = [[call for call in calls if call.rings == rings] for rings in range(11)]
        bars.append([call for call in calls if (call.rings or 0) > 10])
        answers = {chr(ord("A") + place): count(bar, counted) for place, bar in enumerate(bars)}
        return answers | {"Z": without_ring(outcome, counted)}

    return rows


def unanswered(fits: Callable[[int], bool]) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        calls = [call for call in counted.chosen("unanswered") if call.rings is not None and fits(call.rings)]
        return {"A": count(calls, counted)}

    return rows


def worst(tag: str) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        start = counted.choice.first
        every, answered = [], []
        names = {call.tags[tag] for call in counted.chosen()}
        for name in names:
            calls = [call for call in counted.chosen() if call.tags[tag] == name]
            replied = [call for call in calls if call.outcome == "answered"]
            every.append({"time": start, tag: name, "calls": len(calls), "missed": len(calls) - len(replied)})
            known = [call for call in replied if call.ring_s is not None]
            if known:
                share = sum((call.ring_s or 0) <= 15 for call in known) / len(known)
                answered.append({"time": start, tag: name, "within": share, **percentiles(known)})
        return {"A": every, "B": answered}

    return rows


_LINES: dict[int, dict[tuple[str, int], dict[str, float]]] = {}


def all_lines(calls: list[Printed]) -> dict[tuple[str, int], dict[str, float]]:
    """Count once for all views of the same calls."""
    if id(calls) not in _LINES:
        _LINES[id(calls)] = hours_of_lines(calls)
    return _LINES[id(calls)]


def of_lines(name: str, add_up: Callable[[Iterable[float]], float], interval: str = "") -> Expectation:
    """One field of the lines: of all in range, or of each source in windows of time ("chosen": the dashboard's)."""

    def rows(counted: Counted) -> dict[str, list[Row]]:
        groups = defaultdict(list)
        size = counted.choice.interval if interval == "chosen" else interval
        for hour in counted.lines:
            groups[(window(size, hour["time"]), hour["source"]) if size else ()].append(hour[name])
        keys = ("time", "source")
        return {"A": [dict(zip(keys, group, strict=False)) | {name: add_up(v)} for group, v in groups.items()]}

    return rows


def groups_of_lines(counted: Counted) -> dict[str, list[Row]]:
    seconds = counted.choice.last - counted.choice.first
    rows = []
    for source in {hour["source"] for hour in counted.lines}:
        hours = [hour for hour in counted.lines if hour["source"] == source]
        most = {name: max(hour[name] for hour in hours) for name in ("erlangs", "peak", "lines", "needed")}
        sums = {name: sum(hour[name] for hour in hours) for name in ("calls", "busy_s")}
        mean = sum(hour["held_s"] for hour in hours) / seconds
        rows.append({"time": counted.choice.first, "source": source, "mean": mean, **most, **sums})
    return {"A": rows}


def busiest_hours_of_lines(counted: Counted) -> dict[str, list[Row]]:
    names = ("time", "source", "erlangs", "peak", "needed")
    return {"A": [{name: hour[name] for name in names} for hour in counted.lines]}


def line_by_line(counted: Counted) -> dict[str, list[Row]]:
    """The dashboard is not filtered by what people are in."""
    tags = {name: chosen for name, chosen in counted.choice.tags.items() if name in ("site", "source")}
    wider = Counted(counted.calls, counted.sums, replace(counted.choice, tags=tags))
    on_a_trunk = [one for one in wider._in_view("hour") if one.tags["trunk"]]
    columns = CALLS | TALK | wider.mean_erlangs()
    used = wider.traffic(columns, "trunk", where=lambda one: bool(one.tags["trunk"]))
    hours: dict[tuple[str, str, int], float] = defaultdict(float)
    for one in on_a_trunk:
        hours[one.tags["trunk"], one.tags["source"], one.start] += one.values["held_s"] / length("hour", one.start)
    busiest: dict[str, float] = defaultdict(float)
    for (trunk, _, _), erlangs in hours.items():
        busiest[trunk] = max(busiest[trunk], erlangs)
    return {"A": used, "B": [{"trunk": trunk, "busiest": erlangs} for trunk, erlangs in busiest.items()]}


WINDOW_S = 3600
_RETURNED: dict[int, dict[tuple[str, int], bool]] = {}


def returned(calls: list[Printed]) -> dict[tuple[str, int], bool]:
    """Of each missed call with a number, whether it was returned within the hour; counted once for all views."""
    if id(calls) not in _RETURNED:
        contacts = defaultdict(list)
        for call in calls:
            if call.direction == "outgoing" or (call.direction == "incoming" and call.outcome == "answered"):
                contacts[call.number.removeprefix(call.carrier)].append(call.start)
        _RETURNED[id(calls)] = {
            (call.source, call.offset): any(0 <= start - call.start <= WINDOW_S for start in contacts[call.number])
            for call in calls
            if call.direction == "incoming" and call.outcome == "unanswered" and call.number
        }
    return _RETURNED[id(calls)]


def missed(value: Callable[[list[bool]], float], name: str) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        known = returned(counted.calls)
        flags = [known[call.source, call.offset] for call in counted.chosen() if (call.source, call.offset) in known]
        return {"A": [{name: value(flags)}] if flags else []}

    return rows


def rates(calls: Sequence[Printed], counted: Counted) -> Row:
    """What became of incoming calls; shares of nothing are left out."""
    known = returned(counted.calls)
    flags = [known[call.source, call.offset] for call in calls if (call.source, call.offset) in known]
    row = {"answered": sum(call.outcome == "answered" for call in calls) / len(calls)}
    if flags:
        row |= {"missed": len(flags), "returned": sum(flags)}
        row |= {"open": len(flags) - sum(flags), "share": sum(flags) / len(flags)}
    return row


def per_day(*names: tuple[str, ...]) -> Expectation:
    """What each query asks for."""

    def rows(counted: Counted) -> dict[str, list[Row]]:
        days = defaultdict(list)
        for call in counted.chosen():
            days[bucket("day", call.start)].append(call)
        found = [{"time": day} | rates(calls, counted) for day, calls in days.items()]
        asked = [[{name: row[name] for name in ("time", *of_one) if name in row} for row in found] for of_one in names]
        return {ref: [row for row in kept if len(row) > 1] for ref, kept in zip("AB", asked, strict=False)}

    return rows


def who(tag: str) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        start = counted.choice.first
        every, shares = [], []
        for name in {call.tags[tag] for call in counted.chosen()}:
            calls = [call for call in counted.chosen() if call.tags[tag] == name]
            row = {"time": start, tag: name, "calls": len(calls)} | rates(calls, counted)
            row.pop("open", None)
            shares.append({"time": start, tag: name, "answered": row.pop("answered")})
            if tag == "extension" and name in PEOPLE:
                row["person"] = PEOPLE[name]
            every.append(row)
        return {"A": every, "B": worst(tag)(counted)["B"], "C": shares}

    return rows


COST = {"cost": itemgetter("cost")}


def spent(*by: str, period: str = "hour", timed: bool = False) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        chosen = counted.choice.period if period == "chosen" else period
        return {"A": counted.traffic(COST, *by, period=chosen, timed=timed, where=lambda one: one.values["cost"] > 0)}

    return rows


def spent_before(counted: Counted) -> dict[str, list[Row]]:
    return {"A": spent()(counted)["A"], "B": spent()(counted.before())["A"]}


def paid(value: Callable[[list[Printed]], Row], *by: str) -> Expectation:
    def rows(counted: Counted) -> dict[str, list[Row]]:
        groups: dict[tuple[str, ...], list[Printed]] = defaultdict(list)
        for call in counted.paid():
            groups[tuple(call.tags[tag] for tag in by)].append(call)
        return {"A": [dict(zip(by, tags, strict=True)) | value(calls) for tags, calls in groups.items()]}

    return rows


def paid_in_all(calls: list[Printed]) -> Row:
    talk_s = sum(call.talk_s or 0 for call in calls)
    return {"calls": len(calls), "talk_s": talk_s, "cost": sum(call.cost or 0 for call in calls)}


EXPECTED: dict[tuple[str, str], Expectation] = {
    ("Traffic", "Calls"): lambda counted: {"A": counted.traffic(CALLS)},
    ("Traffic", "Incoming calls answered"): lambda counted: {"A": counted.incoming(SHARE)},
    ("Traffic", "Talk time"): lambda counted: {"A": counted.traffic(TALK)},
    ("Traffic", "Erlangs, mean over the range"): lambda counted: {"A": counted.traffic(counted.mean_erlangs())},
    ("Traffic", "Busy hour"): highest(ERLANGS),
    ("Traffic", "Most calls in one hour"): highest(CALLS),
    ("Traffic", "Calls: this range and the one before"): against_before(lambda _: CALLS),
    ("Traffic", "Talk time: this range and the one before"): against_before(lambda _: TALK),
    ("Traffic", "Erlangs, mean over the range: this range and the one before"): against_before(Counted.mean_erlangs),
    ("Traffic", "Share answered: this range and the one before"): against_before(lambda _: SHARE, incoming=True),
    ("Traffic", "Calls: change on the ${period:text} before"): lambda counted: {"A": change(counted, CALLS)},
    ("Traffic", "Talk time: change on the ${period:text} before"): lambda counted: {"A": change(counted, TALK)},
    ("Traffic", "Calls by weekday and hour"): profile("weekday", "hour"),
    ("Traffic", "The ten busiest hours"): lambda counted: {"A": counted.traffic(ERLANGS, timed=True)},
    ("Traffic", "Calls by hour of the day"): profile("hour"),
    **{
        ("Traffic", title): expectation
        for tag in ("direction", "class", "department", "trunk")
        for title, expectation in divided(tag).items()
    },
    ("People", "Missed calls"): missed(len, "missed"),
    ("People", "Returned in time"): missed(sum, "returned"),
    ("People", "Not returned in time"): missed(lambda flags: len(flags) - sum(flags), "open"),
    ("People", "Share returned in time"): missed(lambda flags: sum(flags) / len(flags), "share"),
    ("People", "Incoming calls answered"): lambda counted: {
        "A": [{"answered": rates(counted.chosen(), counted)["answered"]}] if counted.chosen() else []
    },
    ("People", "Missed calls per day"): per_day(("returned", "open")),
    ("People", "Shares answered and returned, per day"): per_day(("answered",), ("share",)),
    ("People", "Departments, least answered first"): who("department"),
    ("People", "People, least answered first"): who("extension"),
    ("Trunks", "Busy hour"): of_lines("erlangs", max),
    ("Trunks", "Lines held at once"): of_lines("peak", max),
    ("Trunks", "Lines used"): of_lines("lines", max),
    ("Trunks", "Lines needed"): of_lines("needed", max),
    ("Trunks", "All lines busy"): of_lines("busy_s", sum),
    ("Trunks", "Erlangs per hour, by source"): of_lines("erlangs", sum, "1h"),
    ("Trunks", "Busy hour of each day"): of_lines("erlangs", max, "1d"),
    ("Trunks", "Lines held at once, at most"): of_lines("peak", max, "chosen"),
    ("Trunks", "Lines needed for 1 % blocking"): of_lines("needed", max, "chosen"),
    ("Trunks", "All lines busy, per day"): of_lines("busy_s", sum, "1d"),
    ("Trunks", "Lines by source"): groups_of_lines,
    ("Trunks", "The ten busiest hours"): busiest_hours_of_lines,
    ("Trunks", "Lines one by one"): line_by_line,
    ("Cost", "Cost: this range and the one before"): spent_before,
    ("Cost", "Calls with a cost"): paid(lambda calls: {"calls": len(calls)}),
    ("Cost", "Talk time of these"): paid(lambda calls: {"talk_s": sum(call.talk_s or 0 for call in calls)}),
    ("Cost", "Mean cost of a call"): paid(lambda calls: {"cost": sum(call.cost or 0 for call in calls) / len(calls)}),
    ("Cost", "Dearest call"): paid(lambda calls: {"cost": max(call.cost or 0 for call in calls)}),
    **{
        ("Cost", f"Cost per ${{period:text}}, by {tag}"): spent(tag, period="chosen", timed=True)
        for tag in ("department", "class", "trunk")
    },
    **{
        ("Cost", f"Cost by {name}"): paid(paid_in_all, tag)
        for tag, name in (
            ("department", "department"),
            ("extension", "extension"),
            ("class", "class"),
            ("carrier", "carrier prefix"),
        )
    },
    ("Answering", "Incoming calls"): lambda counted: {"A": counted.incoming(CALLS, having="calls")},
    ("Answering", "Incoming calls answered"): lambda counted: {"A": counted.incoming(SHARE)},
    ("Answering", "Answered within the target"): lambda counted: {"A": counted.incoming(WITHIN, having="ring_known")},
    ("Answering", "Ring to answer, median"): ring(50),
    ("Answering", "Ring to answer, 95th percentile"): ring(95),
    ("Answering", "Answered, ring time not reported"): lambda counted: {"A": without_ring("answered", counted)},
    ("Answering", "Ring to answer over time"): rang_over_time("answered"),
    ("Answering", "Answered within the target, per ${period:text}"): lambda counted: {
        "A": counted.incoming(WITHIN, period=counted.choice.period, timed=True, having="ring_known")
    },
    ("Answering", "Mean ring to answer, per ${period:text}"): lambda counted: {
        "A": counted.incoming(
            {"ring_s": lambda v: v["ring_s"] / v["ring_known"]},
            period=counted.choice.period,
            timed=True,
            having="ring_known",
        )
    },
    ("Answering", "Answered calls by rings"): in_rings("answered"),
    ("Answering", "Unanswered calls by rings"): in_rings("unanswered"),
    ("Answering", "Incoming calls per ${period:text}, by outcome"): lambda counted: {
        "A": counted.incoming(OUTCOMES, period=counted.choice.period, timed=True)
    },
    ("Answering", "How long unanswered calls rang"): rang_over_time("unanswered"),
    ("Answering", "Unanswered calls"): lambda counted: {"A": count(counted.chosen("unanswered"), counted)},
    ("Answering", "Given up within five rings"): unanswered(lambda rings: rings <= 5),
    ("Answering", "Rang longer than five rings"): unanswered(lambda rings: rings > 5),
    ("Answering", "Extensions, slowest first"): worst("extension"),
    ("Answering", "Departments, slowest first"): worst("department"),
}
"""(dashboard, panel title) in English -> rows of each query. A row without ``time`` may come at any."""

MORE_ROWS: dict[tuple[str, str], int] = {(board, "The ten busiest hours"): 10 for board in ("Traffic", "Trunks")}
"""Panels that show the first rows only, by their value: how many."""
