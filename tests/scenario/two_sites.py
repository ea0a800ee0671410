"""A company of a head office and a branch far to the west, and what is true of their calls: made without the product's code.

Both have an extension 201, and each its own outside line, prices, days off and time zone.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from company import TrueCall, line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
ZONES = {"hq": ZoneInfo("Asia/Shanghai"), "branch": ZoneInfo("Asia/Urumqi")}
SOURCES = {"hq": "pbx1", "branch": "pbx2"}
ACCESS = {"hq": "9", "branch": "0"}
OTHERS = {"hq": "8", "branch": "7"}
"""The digit in front of an extension of the other site."""
CALLERS = {"hq": ("201", "202", "203", "900"), "branch": ("201", "202", "203", "205", "900")}
CHANGE = dt.date(2026, 2, 14)
"""The last day of who held 202 at the branch."""
DAY_OFF = {"hq": dt.date(2026, 3, 2), "branch": dt.date(2026, 3, 3)}
CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
language = "en"
data = "data"
directory = "directory.csv"
trunk_access = ["9"]
on_net = ["8xxx"]
area_code = "0755"

[[branch]]
name = "branch"
timezone = "Asia/Urumqi"
trunk_access = ["0"]
on_net = ["7xxx"]
area_code = "0991"
tariff = "branch-tariff.csv"
exceptions = "branch-days.csv"

[calendar]
holidays = "none"
exceptions = "days.csv"

[accounting]
tariff = "tariff.csv"

[office]
budgets = "budgets.csv"

[rules]
off = ["ip-prefix", "approval", "fine", "private", "code", "missed", "fraud-night", "fraud-short", "fraud-country"]

[[source]]
name = "pbx1"
input = "file:pbx1.log"
format = "panasonic/kx-tda"
date_order = "dmy"
stamp = "start"

[[source]]
name = "pbx2"
site = "branch"
input = "file:pbx2.log"
format = "panasonic/kx-tda"
date_order = "dmy"
stamp = "start"
"""
TABLES = {
    "directory.csv": """\
extension,department,person,may_call,from,until,site
201,Sales,Li,,,,hq
202,Sales,Zhao,,,2026-01-31,hq
202,Sales,Qian,,2026-02-01,,hq
203,Support,Zheng,,,,hq
204,Support,,,,,hq
201,Shop,Wu,local internal,,,branch
202,Shop,Sun,,,2026-02-14,branch
202,Shop,Zhou,,2026-02-15,,branch
205,Shop,,,,,branch
206,Shop,,,,,branch
900,Lobby,,,,,
""",
    "tariff.csv": "class,step_s,price\nlocal,60,0.11\nmobile,60,0.22\ndomestic,6,0.07\npremium,60,2\n,60,5\n",
    "branch-tariff.csv": """\
class,hours,step_s,price
local,,60,0.05
mobile,08:00-20:00,60,0.30
mobile,20:00-08:00,60,0.10
domestic,,60,0.50
premium,,60,3
,,60,5
""",
    "days.csv": "date,kind\n2026-03-02,holiday\n",
    "branch-days.csv": "date,kind\n2026-03-03,holiday\n",
    "budgets.csv": """\
scope,name,amount,per,credit_day,carry_over,warn,over,from,until
phone,201,50,fixed,1,no,,deduct,2026-01-01,
phone,branch/201,50,fixed,1,no,,deduct,2026-01-01,
""",
}


class SiteCall(NamedTuple):
    """A call of a site; ``at`` in ``call`` is by the clock there."""

    site: str
    call: TrueCall

    @property
    def start(self) -> int:
        """POSIX seconds."""
        return int(self.call.at.replace(tzinfo=ZONES[self.site]).timestamp())

    @property
    def month(self) -> str:
        """The month in the calendar of the head office, as 2026-01."""
        return f"{dt.datetime.fromtimestamp(self.start, ZONES['hq']):%Y-%m}"

    @property
    def is_off(self) -> bool:
        """Whether nobody works there then."""
        at = self.call.at
        is_day = at.weekday() < 5 and at.date() != DAY_OFF[self.site]
        return not (is_day and dt.time(8, 30) <= at.time() < dt.time(17, 30))


def holder(site: str, extension: str, day: dt.date) -> tuple[str, str]:
    """Department and person of an extension of a site on a day there."""
    if extension == "900":
        return "Lobby", ""
    if (site, extension) == ("hq", "202"):
        return "Sales", "Zhao" if day < dt.date(2026, 2, 1) else "Qian"
    if (site, extension) == ("branch", "202"):
        return "Shop", "Sun" if day <= CHANGE else "Zhou"
    return {
        ("hq", "201"): ("Sales", "Li"),
        ("hq", "203"): ("Support", "Zheng"),
        ("branch", "201"): ("Shop", "Wu"),
        ("branch", "205"): ("Shop", ""),
    }.get((site, extension), ("", ""))


def price(site: str, class_: str, at: dt.datetime, talk_s: int) -> Decimal | None:
    """What a site pays for a call; none of them goes over the end of an hour."""
    minutes = -(-talk_s // 60)
    if class_ == "internal":
        return None
    if site == "hq":
        if class_ == "domestic":
            return -(-talk_s // 6) * Decimal("0.07")
        return minutes * {"local": Decimal("0.11"), "mobile": Decimal("0.22"), "premium": Decimal(2)}.get(
            class_, Decimal(5)
        )
    mobile = Decimal("0.30") if 8 <= at.hour < 20 else Decimal("0.10")
    by_class = {"local": Decimal("0.05"), "mobile": mobile, "domestic": Decimal("0.50"), "premium": Decimal(3)}
    return minutes * by_class.get(class_, Decimal(5))


class TwoSites:
    """The calls of both sites over three months, each site's in the order in which they are printed."""

    def __init__(self, seed: int = 22) -> None:
        self._chance = random.Random(seed)
        self.calls = [
            SiteCall(site, call) for site in SOURCES for call in sorted(self._made(site), key=lambda call: call.at)
        ]

    def _made(self, site: str) -> Iterator[TrueCall]:
        day = FIRST
        while day <= LAST:
            for _ in range(self._chance.randrange(6, 12)):
                at = dt.datetime.combine(day, dt.time(self._chance.randrange(24), self._chance.randrange(30)))
                yield self._outgoing(site, at, self._chance.choice(CALLERS[site]))
            if day == CHANGE:  # in the hours between midnight at the one site and at the other
                yield self._outgoing(site, dt.datetime.combine(day, dt.time(23, 10)), "202")
            day += dt.timedelta(days=1)

    def _outgoing(self, site: str, at: dt.datetime, extension: str) -> TrueCall:
        chance, out = self._chance, ACCESS[site]
        number, class_ = chance.choice(
            (
                (f"{out}{chance.randrange(2, 9)}{chance.randrange(10**6):06}", "local"),
                (f"{out}138{chance.randrange(10**8):08}", "mobile"),
                (f"{out}010{chance.randrange(10**7, 10**8)}", "domestic"),
                (f"{out}16812345", "premium"),
                (f"{out}10086", "service"),
                (f"{OTHERS[site]}{chance.choice(('201', '202'))}", "internal"),
            )
        )
        talk_s = chance.choice((1, 6, 59, 60, 61, chance.randrange(1, 1500)))
        return TrueCall(
            at=at,
            extension=extension,
            number=number,
            direction="outgoing",
            class_=class_,
            carrier=None,
            talk_s=talk_s,
            ring_s=None,
            answered=True,
            owner=holder(site, extension, at.date()),
            cost=price(site, class_, at, talk_s),
        )

    def write(self, folder: Path) -> None:
        """Write configuration, tables and what both switchboards printed."""
        for name, text in TABLES.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "smdr.toml").write_text(CONFIG, encoding="utf-8")
        for site, source in SOURCES.items():
            (folder / f"{source}.log").write_bytes(self.printed(site))

    def printed(self, site: str) -> bytes:
        """What the switchboard of a site printed."""
        return "".join(line(one.call) for one in self.calls if one.site == site).encode()
