"""A company of three departments over fourteen months, and what is true of it: made without the product's code.

Each call is made with what has to become of it: whose it was, what kind of number it was, what it cost. The switchboard's
lines, the tables of the office and the carrier's bill are written from that.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 2, 28)
NEW_PRICES = dt.date(2025, 8, 1)

CONFIG = """
[site]
name = "company"
timezone = "Asia/Shanghai"
language = "zh"
data = "data"
directory = "directory.csv"
departments = "departments.csv"
trunk_access = ["9"]
area_code = "0555"

[accounting]
tariff = "tariff.csv"

[office]
budgets = "budgets.csv"
approvers = "approvers.csv"
roster = "roster.csv"

[[source]]
name = "pbx1"
input = "file:calls.log"
format = "panasonic/kx-tda"
date_order = "dmy"
stamp = "start"
"""
TABLES = {
    "directory.csv": """\
extension,department,person,from,until
100,办公室,,,
101,销售部,钱一,,
102,销售部,李二,,
103,销售部,王三,,2025-12-15
103,销售部,孙四,2025-12-16,
104,销售部,周五,,2025-10-31
104,工程部,周五,2025-11-01,
111,工程部,吴六,,
112,工程部,郑七,,
121,办公室,冯八,,
121,办公室,陈九,,
122,办公室,楚十,2025-03-01,
123,办公室,,,
""",
    "departments.csv": "department,above,from,until\n公司,,,\n销售部,公司,,\n工程部,公司,,\n办公室,公司,,\n",
    "tariff.csv": """\
class,prefix,carrier,from,until,days,hours,connect,minimum,first_s,first_price,step_s,price,name
local,,,,,,,,,180,0.22,60,0.11,local
mobile,,,,,,,,,180,0.22,60,0.11,mobile
domestic,,,,2025-07-31,,,,,,,6,0.07,long distance
domestic,,,2025-08-01,,,,,,,,6,0.06,long distance
domestic,,17909,,,,,,,,,60,0.30,over 17909
international,,,,,,,0.50,1,,,6,0.80,abroad
premium,,,,,,,,,,,60,2.00,information
""",
    "budgets.csv": """\
scope,name,amount,per,credit_day,carry_over,warn,over,from,until
department,销售部,30,head,1,yes,80 100,deduct,2025-01-01,
department,工程部,25,head,1,no,,deduct,2025-01-01,
person,钱一,50,fixed,1,no,,approve,2025-01-01,
phone,123,50,fixed,5,year,,deduct,2025-01-01,
""",
    "approvers.csv": "department,approver\n公司,赵总\n",
    "roster.csv": "operator,extension,shift,begin,end\nGuan,100,day,08:00,20:00\nHua,100,night,20:00,08:00\n",
}
_ALWAYS = {
    "100": ("办公室", ""),
    "101": ("销售部", "钱一"),
    "102": ("销售部", "李二"),
    "111": ("工程部", "吴六"),
    "112": ("工程部", "郑七"),
    "121": ("办公室", "冯八 / 陈九"),
    "122": ("办公室", "楚十"),
    "123": ("办公室", ""),
}
_CALLERS = ("101", "102", "103", "104", "111", "112", "121", "122", "123")


class TrueCall(NamedTuple):
    """A call as it was. ``number`` is as printed; ``cost`` None where it has none."""

    at: dt.datetime
    extension: str
    number: str
    direction: str
    class_: str
    carrier: str | None
    talk_s: int
    ring_s: int | None
    answered: bool
    owner: tuple[str, str]
    cost: Decimal | None

    @property
    def department(self) -> str:
        """Whose it was; empty: nobody's."""
        return self.owner[0]

    @property
    def person(self) -> str:
        """Whose it was; empty: nobody's."""
        return self.owner[1]

    @property
    def month(self) -> str:
        """The month, as 2025-01."""
        return f"{self.at:%Y-%m}"


def tables(first: dt.date) -> dict[str, str]:
    """The tables of the office, with budgets from a day on."""
    return {**TABLES, "budgets.csv": TABLES["budgets.csv"].replace(f"{FIRST}", f"{first}")}


def holder(extension: str, day: dt.date) -> tuple[str, str]:
    """Department and person of an extension on a day, as the company knows it."""
    if extension == "103":
        return "销售部", "王三" if day <= dt.date(2025, 12, 15) else "孙四"
    if extension == "104":
        return "销售部" if day < dt.date(2025, 11, 1) else "工程部", "周五"
    if extension == "122" and day < dt.date(2025, 3, 1):
        return "", ""
    return _ALWAYS[extension]


def price(class_: str, carrier: str | None, talk_s: int, day: dt.date) -> Decimal:
    """What the company pays for a call, by the contract in words."""
    minutes = -(-talk_s // 60)
    sixes = -(-talk_s // 6)
    if carrier:
        return Decimal("0.30") * minutes
    if class_ in ("local", "mobile"):  # 0.22 for the first three minutes, then 0.11 a minute
        return Decimal("0.22") + Decimal("0.11") * max(0, minutes - 3)
    if class_ == "premium":
        return 2 * Decimal(minutes)
    if class_ == "international":  # 0.50 for the connection, 0.80 for six seconds, at least 1
        return max(Decimal(1), Decimal("0.50") + Decimal("0.80") * sixes)
    return (Decimal("0.07") if day < NEW_PRICES else Decimal("0.06")) * sixes


class Company:
    """The calls of all fourteen months, or of other days, in the order in which they are printed."""

    def __init__(self, seed: int = 14, first: dt.date = FIRST, last: dt.date = LAST) -> None:
        self._chance = random.Random(seed)
        self._first, self._last = first, last
        self.calls: list[TrueCall] = sorted(self._made(), key=lambda call: call.at)

    def _made(self) -> Iterator[TrueCall]:
        day = self._first
        while day <= self._last:
            for _ in range(self._chance.randrange(12, 28)):
                at = dt.datetime.combine(day, dt.time(self._chance.randrange(24), self._chance.randrange(60)))
                yield self._chance.choice((self._outgoing, self._outgoing, self._incoming, self._internal))(at)
            day += dt.timedelta(days=1)

    def _outgoing(self, at: dt.datetime) -> TrueCall:
        chance = self._chance
        extension = chance.choice(_CALLERS)
        number, class_, carrier = chance.choice(
            (
                (f"9{chance.randrange(2, 9)}{chance.randrange(10**6):06}", "local", None),
                (f"9138{chance.randrange(10**8):08}", "mobile", None),
                (f"9010{chance.randrange(10**7, 10**8)}", "domestic", None),
                (f"917909021{chance.randrange(10**7, 10**8)}", "domestic", "17909"),
                (f"90044{chance.randrange(10**9, 10**10)}", "international", None),
                ("916812345", "premium", None),
            )
            if chance.random() < 0.3
            else (
                (f"9{chance.randrange(2, 9)}{chance.randrange(10**6):06}", "local", None),
                (f"9138{chance.randrange(10**8):08}", "mobile", None),
            )
        )
        talk_s = chance.choice((1, 6, 7, 59, 60, 61, 179, 180, 181, 240, 241, 600, chance.randrange(1, 1800)))
        return TrueCall(
            at=at,
            extension=extension,
            number=number,
            direction="outgoing",
            class_=class_,
            carrier=carrier,
            talk_s=talk_s,
            ring_s=None,
            answered=True,
            owner=holder(extension, at.date()),
            cost=price(class_, carrier, talk_s, at.date()),
        )

    def _incoming(self, at: dt.datetime) -> TrueCall:
        chance = self._chance
        answered, extension = chance.random() < 0.8, chance.choice(("100", "100", "102", "111"))
        number = f"0{chance.randrange(20, 30)}{chance.randrange(10**7, 10**8)}"
        talk_s = chance.randrange(1, 900) if answered else 0
        return TrueCall(
            at=at,
            extension=extension,
            number=number,
            direction="incoming",
            class_="domestic",
            carrier=None,
            talk_s=talk_s,
            ring_s=chance.randrange(60),
            answered=answered,
            owner=holder(extension, at.date()),
            cost=None,
        )

    def _internal(self, at: dt.datetime) -> TrueCall:
        chance = self._chance
        extension = chance.choice(_CALLERS)
        return TrueCall(
            at=at,
            extension=extension,
            number="100",
            direction="internal",
            class_="internal",
            carrier=None,
            talk_s=chance.randrange(1, 600),
            ring_s=None,
            answered=True,
            owner=holder(extension, at.date()),
            cost=None,
        )

    def write(self, folder: Path) -> None:
        """Write configuration, tables and what the switchboard printed."""
        for name, text in tables(self._first).items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "smdr.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "calls.log").write_bytes("".join(map(line, self.calls)).encode())


def line(call: TrueCall, account: str = "") -> str:
    """What the switchboard prints of a call, with the account code that was dialled."""
    printed = {"outgoing": call.number, "incoming": f"<I>{call.number}", "internal": f"EXT{call.number}"}[
        call.direction
    ]
    ring = "" if call.ring_s is None else f"{call.ring_s // 60}'{call.ring_s % 60:02}"
    lasted = f"{call.talk_s // 3600:02}:{call.talk_s // 60 % 60:02}'{call.talk_s % 60:02}" if call.answered else ""
    trunk = "" if call.direction == "internal" else "01"
    code = "" if call.answered else "NA"
    return f"{call.at:%d/%m/%y %H:%M}     {call.extension:<3} {trunk:<2} {printed:<26}{ring:>4} {lasted:<8} {account:<10} {code:<2} \r\n"
