"""Any tariff: what the bands of days and what is remembered make of it is what going through a call step by step does."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import Directory
from collector.accounting.enriching import Accounting
from collector.accounting.plan import Plan
from collector.accounting.rating import Dialled, Rater, Terms
from collector.accounting.tariff import Tariff
from collector.calls import Call
from collector.config import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from collector.accounting.rating import Charge

OFF = dt.date(2026, 3, 25)
"""A Wednesday that the calendar makes a day off."""
ZONES = ("Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")
"""Clocks that are put by an hour, that are a quarter off the hour, and that are put by half an hour."""
NUMBERS = ("0215550123", "0755123", "5550123")
BEGIN = dt.datetime(2026, 3, 20)  # noqa: DTZ001  (at midnight of either zone)
"""Clocks are put on the 29th in Berlin, and on the 5th of April on Lord Howe Island."""
Made = tuple[str, str, str, str, int, int, int, int]
"""Class, number, carrier, trunk, day, minute, seconds behind it, seconds of talk: see `spoken`."""


class Row(NamedTuple):
    """A row of a tariff, as it is written."""

    class_: str
    prefix: str
    carrier: str
    trunk: str
    first: str
    until: str
    days: str
    hours: str
    connect: str
    minimum: str
    first_s: str
    first_price: str
    step_s: str
    price: str

    def holds(self, local: dt.datetime) -> bool:
        day, minute = local.date(), local.hour * 60 + local.minute
        if self.hours:
            begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in self.hours.split("-"))
            if begin < end and not begin <= minute < end:
                return False
            if begin > end and end <= minute < begin:
                return False
            if begin > end and minute < end:
                day -= dt.timedelta(days=1)
        if not (self.first or "0001-01-01") <= str(day) <= (self.until or "9999-12-31"):
            return False
        worked = day.weekday() < 5 and day != OFF
        weekdays = {"": range(7), "mon-fri": range(5), "sat sun": (5, 6), "sun": (6,)}
        return (
            (worked == (self.days == "working"))
            if self.days in ("working", "off")
            else day.weekday() in weekdays[self.days]
        )


def some(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts)


TARIFFS = st.lists(
    st.builds(
        Row,
        some("", "domestic"),
        some(*[""] * 6, "0", "021", "0755"),
        some(*[""] * 6, "17909"),
        some(*[""] * 6, "5"),
        some(*[""] * 4, "2026-03-24"),
        some(*[""] * 4, "2026-04-07"),
        some("", "", "working", "off", "mon-fri", "sat sun", "sun"),
        some("", "00:00-24:00", "07:00-21:00", "21:00-07:00", "02:10-02:40", "23:59-00:01", "12:00-24:00"),
        some("", "0.5"),
        some("", "0.75"),
        some("", "180"),
        some("", "0.333"),
        some("1", "1", "6", "60"),
        some("0.07", "0.005", "1.23"),
    ),
    min_size=1,
    max_size=8,
)
CALLS = st.lists(
    st.tuples(
        some("domestic", "local"),
        some(*NUMBERS),
        some("", "", "", "17909"),
        some("", "5", "6"),
        st.integers(0, 25),
        st.sampled_from((0, 1, 130, 160, 420, 720, 1260, 1439)) | st.integers(0, 1439),
        st.integers(-100, 60),
        st.integers(-9, 9) | st.integers(0, 400) | st.integers(0, 30_000),
    ),
    min_size=5,
    max_size=20,
)


@settings(max_examples=400, deadline=None)
@given(rows=TARIFFS, calls=CALLS, zone=st.sampled_from(ZONES))
def test_a_price_is_that_of_going_through_the_call_step_by_step(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Row],
    calls: list[Made],
    zone: str,
) -> None:
    rater = rated_by(tmp_path_factory, rows, zone)
    for call in [*calls, *calls]:
        dialled = Dialled(*call[:4], *spoken(call, zone))
        charge = rater.charge(dialled)
        assert (charge and charge.amount) == slowly(rows, dialled, ZoneInfo(zone))
        fare = rater.fare(*dialled[:4])
        told = (charge.text, charge.rated_s) if charge else (None, None)
        assert rater.cost(fare, dialled.answered, dialled.talk_s, None, None) == told


@settings(max_examples=100, deadline=None)
@given(rows=TARIFFS, calls=CALLS, pulses=st.none() | st.integers(0, 9), printed=st.sampled_from((None, "1.50", "free")))
def test_a_call_is_given_the_cost_that_is_explained(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Row],
    calls: list[Made],
    pulses: int | None,
    printed: str | None,
) -> None:
    terms = Terms(pulse_price=Decimal("0.11"), trust_pbx=True, markup_percent=Decimal("12.5"))
    rater = rated_by(tmp_path_factory, rows, ZONES[0], terms)
    accounting = Accounting(Plan.load("cn"), Directory({}), rater)
    for call in made(calls, pulses, printed):
        accounting.enrich(call)
        charge: Charge | None = accounting.charge(call)
        assert (call.cost, call.rated_s) == ((charge.text, charge.rated_s) if charge else (None, None))
        assert (call.cost is not None) == (charge is not None)


def made(calls: list[Made], pulses: int | None, printed: str | None) -> Iterator[Call]:
    for one in calls:
        _, number, carrier, trunk, *_ = one
        answered, talk_s = spoken(one, ZONES[0])
        yield Call(
            *("pbx1", 0.0, 0, "x", answered - 5, 1, "outgoing", "answered"),
            number=carrier + number,
            trunk=trunk or None,
            ring_s=5,
            talk_s=talk_s,
            meter_pulses=pulses,
            pbx_cost=printed,
        )


def spoken(call: Made, zone: str) -> tuple[int, int]:
    """When a call is answered and how long it lasts; most begin or end near the moment at which a price does."""
    *_, day, minute, second, talk_s = call
    local = BEGIN + dt.timedelta(days=day, minutes=minute)
    ends_there = second < 0 and talk_s < 10
    return int(local.replace(tzinfo=ZoneInfo(zone)).timestamp()) + second, max(0, talk_s - second * ends_there)


def rated_by(folders: pytest.TempPathFactory, rows: list[Row], zone: str, terms: Terms | None = None) -> Rater:
    path = folders.mktemp("tariff") / "tariff.csv"
    columns = "class,prefix,carrier,trunk,from,until,days,hours,connect,minimum,first_s,first_price,step_s,price"
    written = [row._replace(first_price=first_price(row)) for row in rows]
    path.write_text("\n".join([columns, *map(",".join, written)]) + "\n", encoding="utf-8")
    calendar = WorkingCalendar(Calendar(holidays="none"), {OFF: False})
    return Rater(Tariff.load(path), terms or Terms(), zone, calendar)


def first_price(row: Row) -> str:
    """What the first period costs; where that is not said, so many steps."""
    return row.first_price or str(Decimal(row.price) * (int(row.first_s or row.step_s) // int(row.step_s)))


def slowly(rows: list[Row], call: Dialled, zone: ZoneInfo) -> Decimal | None:
    """What a call costs; None where no price holds when it is answered."""
    fitting = [
        row
        for row in rows
        if call.number.startswith(row.prefix)
        and row.class_ in ("", call.class_)
        and row.carrier == call.carrier
        and row.trunk in ("", call.trunk)
    ]
    fitting.sort(key=lambda row: (-len(row.prefix), not row.class_, not row.trunk))

    def held(second: int) -> Row | None:
        local = dt.datetime.fromtimestamp(second, zone)
        return next((row for row in fitting if row.holds(local)), None)

    price = first = held(call.answered)
    if first is None or price is None or call.talk_s == 0:
        return None
    amount, second = Decimal(first.connect or 0) + Decimal(first_price(first)), int(first.first_s or first.step_s)
    while second < call.talk_s:
        price = held(call.answered + second) or price
        amount += Decimal(price.price)
        second += int(price.step_s)
    return max(amount, Decimal(first.minimum or 0)).quantize(Decimal("0.01"), ROUND_HALF_UP)
