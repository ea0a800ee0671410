"""Whether the day or the month comes first, as the dates themselves tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.date_order import SURE, DateEvidence
from parsers.stamps import Stamps

LONG_AFTER = datetime(2031, 6, 15, 12, tzinfo=UTC).timestamp()


def evidence(*dates: str, received: float = LONG_AFTER) -> DateEvidence:
    """What dates such as ``26/11/02`` or ``26/11`` tell."""
    found = DateEvidence()
    for printed in dates:
        first, second, *year = map(int, printed.split("/"))
        found.saw(first, second, 2000 + year[0] if year else None, received)
    return found


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (("26/11/02", "27/11/02"), "dmy"),
        (("11/26/02", "11/27/02"), "mdy"),
        (("02/03/02", "03/03/02", "04/03/02"), "dmy"),
        (("03/02/02", "03/03/02", "03/04/02"), "mdy"),
        (("30/12", "31/12", "01/01", "02/01"), "dmy"),
        (("12/31", "01/01", "01/02", "01/03"), "mdy"),
    ],
)
def test_dates_that_are_possible_or_next_to_each_other_in_one_order_only_tell_it(
    dates: tuple[str, ...], order: str
) -> None:
    told = evidence(*dates).told
    assert told is not None
    assert (told.order, told.agree) == (order, told.telling)


@pytest.mark.parametrize("dates", [(), ("03/03/02",), ("02/03/02",), ("93/02/02",), ("02/03/02", "02/03/02")])
def test_dates_that_tell_nothing_tell_nothing(dates: tuple[str, ...]) -> None:
    assert evidence(*dates).told is None


def test_one_impossible_date_may_be_a_damaged_one_and_is_not_sure() -> None:
    told = evidence("26/11/02").told
    assert told is not None
    assert told.certainty < SURE


def test_one_date_that_is_today_in_one_order_only_is_sure() -> None:
    told = evidence("02/03/26", received=datetime(2026, 3, 2, 23, tzinfo=UTC).timestamp()).told
    assert told is not None
    assert (told.order, told.certainty) == ("dmy", SURE)


def test_certainty_grows_with_every_date_that_agrees_and_falls_with_one_that_does_not() -> None:
    few, more = evidence("26/11/02", "27/11/02").told, evidence("26/11/02", "27/11/02", "28/11/02").told
    torn = evidence("26/11/02", "27/11/02", "28/11/02", "11/29/02").told
    assert few is not None
    assert more is not None
    assert torn is not None
    assert few.certainty < more.certainty < 1
    assert torn.certainty < more.certainty


@given(st.dates(datetime(2002, 1, 1).date(), datetime(2030, 1, 1).date()), st.sampled_from(["dmy", "mdy"]))  # noqa: DTZ001
def test_six_weeks_of_dates_are_sure_of_their_order(first: datetime, order: str) -> None:
    found = DateEvidence()
    for day in (first + timedelta(days) for days in range(42)):
        figures = (day.day, day.month) if order == "dmy" else (day.month, day.day)
        found.saw(*figures, day.year, LONG_AFTER)
    assert found.told is not None
    assert found.told.order == order
    assert found.told.certainty > 0.9


def test_stamps_are_read_the_other_way_as_soon_as_the_dates_are_sure() -> None:
    stamps = Stamps(order="mdy")
    for day in (26, 27):
        stamps.date_and_time(f"{day}/11/02", "10:30", LONG_AFTER)
    assert (
        stamps.date_and_time("02/03/02", "10:30", LONG_AFTER).seconds
        == datetime(2002, 3, 2, 10, 30, tzinfo=UTC).timestamp()
    )
    assert stamps.order == "dmy"


def test_an_order_that_is_settled_stays_and_what_the_dates_tell_can_be_asked() -> None:
    stamps = Stamps(order="mdy", settled=True)
    for day in (26, 27):
        stamps.date_and_time(f"{day}/11/02", "10:30", LONG_AFTER)
    assert (
        stamps.date_and_time("02/03/02", "10:30", LONG_AFTER).seconds
        == datetime(2002, 2, 3, 10, 30, tzinfo=UTC).timestamp()
    )
    assert stamps.dates.told is not None
    assert stamps.dates.told.order == "dmy"


def test_without_end_of_different_dates_memory_is_bounded() -> None:
    found = DateEvidence()
    for number in range(20_000):
        found.saw(number % 90, number // 90, 2002, LONG_AFTER)
    assert len(found.seen) <= 4096


def test_days_with_two_figures_of_the_year_tell_it_by_the_day_of_receiving() -> None:
    stamps = Stamps(order="mdy")
    for day in range(2, 5):
        stamps.day_is(day, 3, 26, datetime(2026, 3, day, 12, tzinfo=UTC).timestamp())
    assert stamps.order == "dmy"
    assert stamps.dates.told
    assert stamps.dates.told.certainty >= SURE
