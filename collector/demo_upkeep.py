"""The equipment of the demonstration: rounds that were made, one that is overdue, faults in every state."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, NamedTuple

from collector.demo_office import HEADQUARTERS, LOGIN, TECHNICIAN
from collector.office import rounds, tickets
from collector.office.rounds import Round

if TYPE_CHECKING:
    import sqlite3

    from collector.demo_office import Language

    _Said = tuple[str, str]

_DAY_S = 86_400.0
_HOUR_S = 3600.0


class _Planned(NamedTuple):
    """A round: in Chinese and English its name and equipment, how often, and how many days ago it was made."""

    name: _Said
    equipment: tuple[_Said, ...]
    every_days: int
    ago: tuple[int, ...]


_ROUNDS = (
    _Planned(
        ("机房巡检", "Machine room"),
        (("UPS 电源", "UPS"), ("配线架", "Distribution frame"), ("交换机风扇", "Fans of the PBX"), ("空调", "Cooling")),
        7,
        (24, 17, 10, 3),
    ),
    _Planned(
        ("话务台", "Operators' consoles"), (("一号话务台", "Console 1"), ("二号话务台", "Console 2")), 1, (2, 1, 0)
    ),
    _Planned(("蓄电池放电试验", "Battery test"), (("蓄电池组", "Batteries"),), 90, (95,)),
)
_REMARK = ("已清洁 情况正常", "cleaned, all well")


def fill(db: sqlite3.Connection, today: dt.date, language: Language) -> None:
    """Put them into office.db."""
    place = 0 if language == "zh" else 1
    for planned in _ROUNDS:
        first = today - dt.timedelta(days=max(planned.ago))
        equipment = tuple(item[place] for item in planned.equipment)
        made = Round(planned.name[place], equipment, planned.every_days, first)
        rounds.define(db, made, LOGIN.administrator)
        for ago in planned.ago:
            day = today - dt.timedelta(days=ago)
            rounds.inspect(db, made.name, day, TECHNICIAN, (), _REMARK[place], TECHNICIAN)
    _break(db, place)


def _break(db: sqlite3.Connection, place: int) -> None:
    now = time.time()

    def report(equipment: _Said, fault: _Said, by: str, before_s: float) -> int:
        return tickets.report(db, equipment[place], fault[place], by, now - before_s)

    began = 12 * _DAY_S
    source = HEADQUARTERS.name
    cable = report((source, source), ("话单口接头松动", "the plug of the record port is loose"), LOGIN.operator, began)
    tickets.repair(db, cable, TECHNICIAN, at=now - began + _HOUR_S / 2)
    done = ("插头拧紧并加固线缆", "plug screwed on, cable fastened")
    tickets.solve(db, cable, TECHNICIAN, done[place], at=now - began + _HOUR_S)
    fan = report(("交换机风扇", "Fans of the PBX"), ("风扇异响", "a fan is loud"), TECHNICIAN, 20 * _HOUR_S)
    tickets.repair(db, fan, TECHNICIAN, ("备件已订购", "a spare is ordered")[place], at=now - 19 * _HOUR_S)
    tickets.note(db, fan, TECHNICIAN, ("备件明日到货", "the spare comes tomorrow")[place], at=now - 3 * _HOUR_S)
    report(("二号话务台", "Console 2"), ("耳机有杂音", "the headset crackles"), LOGIN.operator, _HOUR_S / 4)
