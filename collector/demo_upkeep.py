"""The equipment of the demonstration: rounds that were made, one that is overdue, faults in every state."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, NamedTuple

from collector.demo_office import HEADQUARTERS, LOGIN, TECHNICIAN
from collector.demo_words import Said
from collector.office import rounds, tickets
from collector.office.rounds import Round

if TYPE_CHECKING:
    import sqlite3

    from dashboards.words import Language

_DAY_S = 86_400.0
_HOUR_S = 3600.0


class _Planned(NamedTuple):
    """A round: its name and equipment, how often, and how many days ago it was made."""

    name: Said
    equipment: tuple[Said, ...]
    every_days: int
    ago: tuple[int, ...]


_ROUNDS = (
    _Planned(
        Said("机房巡检", "Machine room"),
        (
            Said("UPS 电源", "UPS"),
            Said("配线架", "Distribution frame"),
            Said("交换机风扇", "Fans of the PBX"),
            Said("空调", "Cooling"),
        ),
        7,
        (24, 17, 10, 3),
    ),
    _Planned(
        Said("话务台", "Operators' consoles"),
        (Said("一号话务台", "Console 1"), Said("二号话务台", "Console 2")),
        1,
        (2, 1, 0),
    ),
    _Planned(Said("蓄电池放电试验", "Battery test"), (Said("蓄电池组", "Batteries"),), 90, (95,)),
)
_REMARK = Said("已清洁 情况正常", "cleaned, all well")


def fill(db: sqlite3.Connection, today: dt.date, language: Language) -> None:
    """Put them into office.db."""
    for planned in _ROUNDS:
        first = today - dt.timedelta(days=max(planned.ago))
        equipment = tuple(item.to(language) for item in planned.equipment)
        made = Round(planned.name.to(language), equipment, planned.every_days, first)
        rounds.define(db, made, LOGIN.administrator)
        for ago in planned.ago:
            day = today - dt.timedelta(days=ago)
            rounds.inspect(db, made.name, day, TECHNICIAN, (), _REMARK.to(language), TECHNICIAN)
    _break(db, language)


def _break(db: sqlite3.Connection, language: Language) -> None:
    now = time.time()

    def report(equipment: Said, fault: Said, by: str, before_s: float) -> int:
        return tickets.report(db, equipment.to(language), fault.to(language), by, now - before_s)

    began = 12 * _DAY_S
    source = HEADQUARTERS.name
    loose = Said("话单口接头松动", "the plug of the record port is loose")
    cable = report(Said(source, source), loose, LOGIN.operator, began)
    tickets.repair(db, cable, TECHNICIAN, at=now - began + _HOUR_S / 2)
    done = Said("插头拧紧并加固线缆", "plug screwed on, cable fastened")
    tickets.solve(db, cable, TECHNICIAN, done.to(language), at=now - began + _HOUR_S)
    fan = report(Said("交换机风扇", "Fans of the PBX"), Said("风扇异响", "a fan is loud"), TECHNICIAN, 20 * _HOUR_S)
    ordered = Said("备件已订购", "a spare is ordered")
    tickets.repair(db, fan, TECHNICIAN, ordered.to(language), at=now - 19 * _HOUR_S)
    arriving = Said("备件明日到货", "the spare comes tomorrow")
    tickets.note(db, fan, TECHNICIAN, arriving.to(language), at=now - 3 * _HOUR_S)
    report(Said("二号话务台", "Console 2"), Said("耳机有杂音", "the headset crackles"), LOGIN.operator, _HOUR_S / 4)
