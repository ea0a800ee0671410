"""The office of the demonstration: its PBXs, and the tables that somebody keeps of people, prices and rules.

Names are Chinese and English at once, as those of departments are, so that calls keep them in either language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from collector.demo_words import Said
from collector.simulator.office import Profile
from collector.simulator.traffic import Traffic

if TYPE_CHECKING:
    import datetime as dt

    from dashboards.words import Language

_CALLS_PER_MINUTE = 2
"""Of each PBX while one watches: an office at its own pace would be dull."""


@dataclass(frozen=True)
class Pbx:
    """A simulated PBX. ``calls_per_day`` is what its history has on an ordinary day."""

    name: str
    format: str
    first_extension: int
    calls_per_day: int
    seed: int

    @property
    def live(self) -> Profile:
        """How it telephones while one watches."""
        return Profile.steady(_CALLS_PER_MINUTE, self.first_extension)

    @property
    def history(self) -> Profile:
        """How it telephoned before."""
        return self.live.at_office_hours(self.calls_per_day)

    @property
    def private_number(self) -> str:
        """The mobile that it calls most: somebody's at home."""
        return Traffic(self.live, self.seed).called("mobile")[0]


HEADQUARTERS = Pbx("headquarters", "panasonic/kx-tda", 100, 120, seed=1)
FACTORY = Pbx("factory", "avaya/ip-office", 300, 90, seed=2)
BRANCH = Pbx("branch", "siemens/hipath-pipe", 500, 70, seed=3)
PBXS = (HEADQUARTERS, FACTORY, BRANCH)


class Login(NamedTuple):
    """Users of the console by what they are, who do and sign things in the office as well."""

    administrator: str = "admin"
    manager: str = "manager"
    operator: str = "operator"
    head: str = "sales"


LOGIN = Login()

SALES, SERVICE, PURCHASING, FINANCE, ENGINEERING, ADMINISTRATION = (
    department.name for department in HEADQUARTERS.live.departments
)
_COMPANY, _TRADE = "公司 Company", "营销中心 Commercial"
HEADS = {
    SALES: "张三 Zhang San",
    SERVICE: "王五 Wang Wu",
    PURCHASING: "赵六 Zhao Liu",
    FINANCE: "孙七 Sun Qi",
    ENGINEERING: "周八 Zhou Ba",
    ADMINISTRATION: "吴九 Wu Jiu",
}
"""Who has the first phone of each department at the headquarters."""
_FORMER_SALESMAN = "李四 Li Si"
SECOND_OPERATOR = "郑十 Zheng Shi"
TECHNICIAN = "冯一 Feng Yi"

_NO_LONG_DISTANCE = "local mobile service tollfree emergency"
_NO_MOBILES = "local service tollfree emergency"
_FORMER_CODES = 6
_DAY_SHIFT, _WEEKEND, _NIGHT = Said("白班", "day"), Said("周末班", "weekend"), Said("夜班", "night")


def tables(history_begins: dt.date, left: dt.date, language: Language) -> dict[str, str]:
    """Every table of the office by the name of its file.

    ``history_begins`` is the day of the first call, ``left`` the last day of a salesman who has codes still in use.
    """
    return {
        "directory.csv": _directory(),
        "departments.csv": _departments(),
        "tariff.csv": _tariff(language),
        "budgets.csv": _budgets(history_begins),
        "approvers.csv": f"department,approver,from,until\n,{LOGIN.manager},,\n",
        "codes.csv": _codes(left),
        "roster.csv": _roster(language),
    }


def settings() -> list[str]:
    """The lines of the configuration that have to do with those tables."""
    duty = ", ".join(f'"{extension}"' for extension in HEADQUARTERS.live.switchboard.extensions)
    private = ", ".join(f'"{pbx.private_number}"' for pbx in PBXS)
    return [
        "",
        "[accounting]",
        'tariff = "tariff.csv"',
        "",
        "[calendar]",
        'working_hours = ["08:00-18:00"]',
        'holidays = "none"                   # the simulated offices know none',
        "",
        "[office]",
        'budgets = "budgets.csv"',
        'approvers = "approvers.csv"',
        'codes = "codes.csv"',
        'roster = "roster.csv"',
        "",
        "[rules]",
        f"duty_extensions = [{duty}]",
        f"private_numbers = [{private}]",
        'fine_domestic = "20"',
        "",
        "[[report]]",
        'name = "departments"',
        'kind = "department"',
        'format = "xlsx"',
        'folder = "published"',
    ]


def restricted() -> tuple[str, ...]:
    """The phones that may not call far away: those of the branch's bookkeepers."""
    return _phones(BRANCH, FINANCE)


def visitors_phone() -> str:
    """The phone from which visitors call: the last of the administration."""
    return _phones(HEADQUARTERS, ADMINISTRATION)[-1]


def _phones(pbx: Pbx, department: str) -> tuple[str, ...]:
    return next(one.extensions for one in pbx.live.departments if one.name == department)


def _directory() -> str:
    heads = {_phones(HEADQUARTERS, department)[0]: head for department, head in HEADS.items()}
    granted = dict.fromkeys(restricted(), _NO_LONG_DISTANCE) | {_phones(FACTORY, ADMINISTRATION)[0]: _NO_MOBILES}
    rows = [
        f"{extension},{department},{heads.get(extension, '')},,{granted.get(extension, '')},,"
        for pbx in PBXS
        for extension, department in sorted(pbx.live.directory().items(), key=lambda item: int(item[0]))
    ]
    return _lines("extension,department,person,post,may_call,from,until", rows)


def _departments() -> str:
    below = {SALES: _TRADE, SERVICE: _TRADE, _TRADE: _COMPANY, _COMPANY: ""}
    names = (_COMPANY, _TRADE, *dict.fromkeys(HEADQUARTERS.live.directory().values()))
    return _lines("department,above,from,until", [f"{name},{below.get(name, _COMPANY)},," for name in names])


def _tariff(language: Language) -> str:
    rows = (
        # class, carrier, hours, first_s, first_price, step_s, price, name
        ("local", "", "", "180", "0.22", "60", "0.11", Said("市话", "local")),
        ("service", "", "", "180", "0.22", "60", "0.11", Said("服务号码", "service numbers")),
        ("mobile", "", "", "180", "0.22", "60", "0.11", Said("手机", "mobile")),
        ("domestic", "", "07:00-21:00", "", "", "6", "0.07", Said("长途白天", "long distance by day")),
        ("domestic", "", "21:00-07:00", "", "", "6", "0.04", Said("长途夜间", "long distance by night")),
        ("domestic", "17909", "", "", "", "60", "0.30", Said("17909 长途", "long distance over 17909")),
        ("hk-macau-taiwan", "", "", "", "", "6", "0.20", Said("港澳台", "Hong Kong Macau Taiwan")),
        (
            "hk-macau-taiwan",
            "17909",
            "",
            "",
            "",
            "60",
            "1.50",
            Said("17909 港澳台", "Hong Kong Macau Taiwan over 17909"),
        ),
        ("international", "", "", "", "", "6", "0.80", Said("国际", "abroad")),
        ("international", "17909", "", "", "", "60", "3.60", Said("17909 国际", "abroad over 17909")),
        ("premium", "", "", "", "", "60", "1.00", Said("声讯", "information services")),
    )
    named = [",".join((*row, name.to(language))) for *row, name in rows]
    return _lines("class,carrier,hours,first_s,first_price,step_s,price,name", named)


def _budgets(first: dt.date) -> str:
    rows = (
        # department, amount, carry_over, warn, over
        (SALES, "1100", "yes", "80 100", "deduct"),
        (SERVICE, "700", "no", "80 100", "deduct"),
        (PURCHASING, "500", "no", "80 100", "approve"),
        (FINANCE, "350", "no", "80", "deduct"),
        (_COMPANY, "700", "year", "80", "approve"),
    )
    return _lines(
        "scope,name,amount,carry_over,warn,over,from", [f"department,{','.join(row)},{first}" for row in rows]
    )


def _codes(left: dt.date) -> str:
    """The codes that Sales dials at the headquarters: some were of somebody who has left."""
    rows = [
        f"4{phone},{_FORMER_SALESMAN},,{left}" if place < _FORMER_CODES else f"4{phone},{HEADS[SALES]},,"
        for place, phone in enumerate(_phones(HEADQUARTERS, SALES))
    ]
    return _lines("code,person,from,until", rows)


def _roster(language: Language) -> str:
    first, second, *_ = HEADQUARTERS.live.switchboard.extensions
    day, weekend, night = (shift.to(language) for shift in (_DAY_SHIFT, _WEEKEND, _NIGHT))
    return _lines(
        "operator,extension,shift,days,begin,end,from,until",
        [
            f"{LOGIN.operator},{first},{day},mon tue wed thu fri,08:00,18:00,,",
            f"{SECOND_OPERATOR},{second},{day},mon tue wed thu fri,08:00,18:00,,",
            f"{SECOND_OPERATOR},{first},{weekend},sat sun,08:00,18:00,,",
            f"{TECHNICIAN},{first},{night},,18:00,08:00,,",
        ],
    )


def _lines(heading: str, rows: list[str]) -> str:
    return "\n".join([heading, *rows, ""])
