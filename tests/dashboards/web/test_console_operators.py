"""How the operators answer: by whose duty it was, read again once a call or the roster changed."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from console_office import ZONE, Office

from collector.config import load
from collector.problems import ConfigError
from collector.store import queries
from collector.store.queries import NO_FILTER
from dashboards.web import summaries
from dashboards.web.answering import AnsweringView
from dashboards.web.choice import Choice
from dashboards.web.days import Days
from dashboards.web.months import Months
from dashboards.web.operators import Operators
from dashboards.web.periods import Dates
from dashboards.web.summaries import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROSTER = "operator,extension,begin,end\nWang,100,08:00,16:00\nLi,100,16:00,00:00\n"
FEBRUARY = Dates(date(2026, 2, 1), date(2026, 2, 28))
TARGET = Target(3, 5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    office.config.write_text(office.config.read_text() + '\n[office]\nroster = "roster.csv"\n', encoding="utf-8")
    office.open()
    yield office
    office.close()


@pytest.fixture
def told(office: Office) -> Callable[[], dict[str, tuple[int, int, int]]]:
    operators = Operators(office.data / "calls.db", ZONE)

    def asked() -> dict[str, tuple[int, int, int]]:
        with closing(queries.connect(office.data / "calls.db")) as db:
            rang = operators.rang(db, load(office.config), FEBRUARY, NO_FILTER, None)
        assert rang is not None
        return {one.name: (one.answered, one.unanswered, one.late) for one in summaries.answerers(rang, TARGET)}

    return asked


def rings(office: Office, hour: int, **known: str | int | None) -> None:
    moment = datetime(2026, 2, 3, hour, tzinfo=ZONE).astimezone(UTC)
    usual = {"source": "pbx1", "direction": "incoming", "class": "incoming", "extension": "100", "outcome": "answered"}
    office.add([office.made_up(moment, **{**usual, "ring_s": 5, **known})])


def test_a_call_is_whose_duty_it_was(office: Office, told: Callable[[], dict[str, tuple[int, int, int]]]) -> None:
    rings(office, 9)
    rings(office, 10, ring_s=16)
    rings(office, 11, outcome="unanswered")
    rings(office, 17, outcome="busy")
    rings(office, 3)
    rings(office, 9, extension="201")
    rings(office, 9, direction="internal")
    assert told() == {"Wang": (2, 1, 1), "Li": (0, 1, 0), "": (1, 0, 0)}
    rings(office, 18, ring_s=None)
    assert told() == {"Wang": (2, 1, 1), "Li": (1, 1, 0), "": (1, 0, 0)}


def test_another_roster_is_asked_once_it_is_written(
    office: Office, told: Callable[[], dict[str, tuple[int, int, int]]]
) -> None:
    rings(office, 9)
    assert told() == {"Wang": (1, 0, 0)}
    path = office.config.parent / "roster.csv"
    path.write_text(ROSTER.replace("Wang", "Zhao"), encoding="utf-8")
    os.utime(path, (0, 0))
    assert told() == {"Zhao": (1, 0, 0)}


def test_a_faulty_roster_is_said_and_keeps_no_page(
    office: Office, told: Callable[[], dict[str, tuple[int, int, int]]]
) -> None:
    (office.config.parent / "roster.csv").write_text("operator,extension\nWang,100\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        told()
    days, months = Days(office.data / "calls.db", ZONE), Months(office.data / "calls.db", ZONE)
    operators = Operators(office.data / "calls.db", ZONE)
    operators.read_ahead(load(office.config, with_tables=False), FEBRUARY.last)
    view = AnsweringView.__new__(AnsweringView)
    view.console = SimpleNamespace(
        config=load(office.config, with_tables=False), days=days, months=months, operators=operators
    )  # type: ignore[assignment]
    view.viewer = SimpleNamespace(zone=ZONE, reach=None)  # type: ignore[assignment]
    view._target = TARGET
    with closing(queries.connect(office.data / "calls.db")) as db:
        answer = view.read(db, Choice("day", FEBRUARY, NO_FILTER), 0)
    assert answer.operators == "equipment.faulty_roster"


def test_without_a_roster_nobody_is_told_of_and_reading_ahead_waits_for_no_store(tmp_path: Path) -> None:
    office = Office(tmp_path)
    operators = Operators(office.data / "calls.db", ZONE)
    operators.read_ahead(load(office.config), date(2026, 2, 3))
    office.open()
    with closing(queries.connect(office.data / "calls.db")) as db:
        assert operators.rang(db, load(office.config), FEBRUARY, NO_FILTER, None) is None
    office.close()


def test_what_was_read_ahead_is_not_read_again(office: Office) -> None:
    for day in range(20):
        office.add([office.made_up(datetime(2026, 1, 15, 10, tzinfo=ZONE) + timedelta(days=day), extension="100")])
    operators = Operators(office.data / "calls.db", ZONE)
    operators.read_ahead(load(office.config), date(2026, 2, 20))
    with closing(queries.connect(office.data / "calls.db")) as db:
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        assert operators.rang(db, load(office.config), FEBRUARY, NO_FILTER, None)
    assert not [sql for sql in asked if "answered_by" in sql]
