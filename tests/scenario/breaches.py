"""The same company, where every month rules are broken on purpose, and nearly broken: what was planted is what is true."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from company import CONFIG, FIRST, LAST, TrueCall, holder, line, price, tables

if TYPE_CHECKING:
    from pathlib import Path

ZERO = Decimal(0)
LEFT = dt.date(2025, 9, 30)
"""The last day on which code 0815 is somebody's."""
RULES = """
[calendar]
holidays = "none"
working_days = ["mon", "tue", "wed", "thu", "fri"]
working_hours = ["08:30-12:00", "13:30-17:30"]
exceptions = "days.csv"

[rules]
duty_extensions = ["123"]
private_numbers = ["13811112222"]
missed_posts = ["经理"]
missed_allowance = "100"
"""
DAYS = "date,kind\n2025-10-01,holiday\n2025-10-02,holiday\n2025-10-03,holiday\n2025-10-11,working\n"
GRANTS = {"101": ("经理", ""), "102": ("", "local mobile"), "111": ("", "local")}


class Breach(NamedTuple):
    """What must be found: the rule, when and where, what is charged, what would have been saved; months of a missed call."""

    rule: str
    at: dt.datetime
    extension: str
    amount: Decimal = ZERO
    saved: Decimal | None = None
    months: int | None = None


class Wish(NamedTuple):
    """An application for one call, and how many days after the call it was approved; None: never."""

    caller: str
    number: str
    day: dt.date
    after: int | None


class Breaches:
    """Calls, applications and breaches of fourteen months, or of other months."""

    def __init__(self, seed: int = 41, first: dt.date = FIRST, last: dt.date = LAST) -> None:
        self._first = first
        self._chance = random.Random(seed)
        self.calls: list[tuple[TrueCall, str]] = []
        self.wishes: list[Wish] = []
        self.truth: list[Breach] = []
        self._missed: dict[tuple[str, int], int] = {}
        self._numbers = 0
        while first <= last:
            self._month(first)
            first = (first + dt.timedelta(days=31)).replace(day=1)
        self._count_missed()

    def _month(self, first: dt.date) -> None:
        self._days = self._working_days(first)
        self._costs()
        self._long_distance()
        self._missing()
        self._code(first)
        match first.month, first.year:
            case 3, 2025:
                self._bursts()
            case 8, 2025:
                self._call("101", "917909008131234567", "international", "17909", self._hour(9), 60)
                self.truth.append(Breach("fraud-country", self.calls[-1][0].at, "101"))

    def _working_days(self, first: dt.date) -> list[dt.date]:
        """The working days of a month, in random order, for one plant after the other."""
        days = [first + dt.timedelta(days=n) for n in range(31)]
        holidays = {dt.date(2025, 10, day) for day in (1, 2, 3)}
        worked = [day for day in days if day.month == first.month and day.weekday() < 5 and day not in holidays]
        self._chance.shuffle(worked)
        return worked

    def _hour(self, hour: int, minute: int = 0) -> dt.datetime:
        self._days.append(self._days.pop(0))
        return dt.datetime.combine(self._days[-1], dt.time(hour, minute))

    def _call(
        self,
        extension: str,
        number: str,
        class_: str,
        carrier: str | None,
        at: dt.datetime,
        talk_s: int,
        code: str = "",
    ) -> Decimal:
        cost = price(class_, carrier, talk_s, at.date())
        self._add(extension, number, "outgoing", class_, at, talk_s, cost, code=code, carrier=carrier)
        return cost

    def _add(
        self,
        extension: str,
        number: str,
        direction: str,
        class_: str,
        at: dt.datetime,
        talk_s: int,
        cost: Decimal | None,
        *,
        code: str = "",
        carrier: str | None = None,
    ) -> None:
        ring_s = 12 if direction == "incoming" else None
        owner = holder(extension, at.date())
        answered = direction == "outgoing" or talk_s > 0
        call = TrueCall(at, extension, number, direction, class_, carrier, talk_s, ring_s, answered, owner, cost)
        self.calls.append((call, code))

    def _mobile(self) -> str:
        self._numbers += 1
        return f"1390000{self._numbers:04}"

    def _costs(self) -> None:
        """Off hours, premium, without the prefix, not granted, private: each with one that is nearly so and is not."""
        at = self._hour(20, 30)
        cost = self._call("103", "95550001", "local", None, at, 61)
        self.truth.append(Breach("off-hours", at, "103", cost))
        self._call("123", "95550001", "local", None, self._hour(20, 30), 61)  # on duty
        self._call("103", "95550001", "local", None, self._hour(17, 29), 600)  # begins in time
        at = self._hour(10)
        self.truth.append(Breach("premium", at, "103", self._call("103", "916812345", "premium", None, at, 90)))
        at = self._hour(10)
        cost = self._call("101", "901055501234", "domestic", None, at, 600)
        self.truth.append(Breach("ip-prefix", at, "101", saved=cost - Decimal("0.30") * 10))
        self._call("101", "91790901055501234", "domestic", "17909", self._hour(10), 600)
        at = self._hour(11)
        self._call("111", f"9{self._mobile()}", "mobile", None, at, 30)
        self.truth.append(Breach("class-of-service", at, "111"))
        self._call("111", "95550001", "local", None, self._hour(11), 30)
        at = self._hour(11)
        self.truth.append(Breach("private", at, "103", self._call("103", "913811112222", "mobile", None, at, 181)))
        self._call("103", "913811112222", "mobile", None, self._hour(11), 180)

    def _long_distance(self) -> None:
        """Of 李二, to whom it is not granted: approved before, in time, on the last day, too late, and never."""
        numbers = {
            "domestic": ("917909021555{:05}", 50),
            "hk-macau-taiwan": ("9179090085255{:06}", 100),
            "international": ("9179090044555{:07}", 500),
        }
        for place, after in enumerate((-1, 2, 3, 4, None)):
            classes = list(numbers) if after is None else [self._chance.choice(list(numbers))]
            for class_ in classes:
                shape, fine = numbers[class_]
                self._numbers += 1
                at, number = self._hour(14, place), shape.format(self._numbers)
                cost = self._call("102", number, class_, "17909", at, 121)
                self.wishes.append(Wish("李二", number[6:], at.date(), after))
                if after in (4, None):
                    self.truth.append(Breach("approval", at, "102", 2 * cost))
                if after is None:
                    self.truth.append(Breach("fine", at, "102", Decimal(fine)))

    def _missing(self) -> None:
        """Missed calls: returned in time, at the last minute, too late, answered the second time, and never."""
        for minutes, kind in ((30, "return"), (60, "return"), (61, "return"), (45, "again"), (61, "again"), (0, "")):
            at, number = self._hour(10), self._mobile()
            self._add("103", number, "incoming", "mobile", at, 0, None)
            later = at + dt.timedelta(minutes=minutes)
            if kind == "return":
                self._call("112", f"9{number}", "mobile", None, later, 20)
            elif kind == "again":
                self._add("112", number, "incoming", "mobile", later, 20, None)
            if minutes > 60 or not kind:
                self.truth.append(Breach("missed", at, "103"))
        for extension in ("103", "101"):  # after hours only a manager must answer
            at = self._hour(21)
            self._add(extension, self._mobile(), "incoming", "mobile", at, 0, None)
            if extension == "101":
                self.truth.append(Breach("missed", at, "101"))

    def _code(self, first: dt.date) -> None:
        at = self._hour(15)
        self._call("102", "95550002", "local", None, at, 600, code="0815")
        if at.date() > LEFT:
            self.truth.append(Breach("code", at, "102"))
        if (first.year, first.month) == (2025, 5):
            during, behind = at + dt.timedelta(minutes=3), at + dt.timedelta(minutes=11)
            self._call("112", "95550003", "local", None, during, 30, code="0815")
            self._call("112", "95550003", "local", None, behind, 30, code="0815")
            self.truth.append(Breach("code", during, "112"))

    def _bursts(self) -> None:
        night = self._hour(22, 10)
        for number in range(10):
            at = night + dt.timedelta(minutes=20 * number)
            self.truth.append(Breach("off-hours", at, "112", self._call("112", "95550004", "local", None, at, 20)))
        self.truth.append(Breach("fraud-night", night, "112"))
        day = self._hour(9)
        for number in range(30):
            self._call("112", "95550005", "local", None, day + dt.timedelta(minutes=number), 10)
        self.truth.append(Breach("fraud-short", day, "112"))

    def _count_missed(self) -> None:
        """Each takes a month's allowance, the third of a person in a year what is left of the twelve."""
        self.truth.sort(key=lambda one: (one.at, one.rule))
        for place, one in enumerate(self.truth):
            if one.rule == "missed":
                who = holder(one.extension, one.at.date())[1], one.at.year
                nth = self._missed[who] = self._missed.get(who, 0) + 1
                months = 10 if nth == 3 else 1
                self.truth[place] = one._replace(months=months, amount=Decimal(100) * months)

    def write(self, folder: Path) -> None:
        """Write configuration, tables and what the switchboard printed."""
        written = tables(self._first)
        written["directory.csv"] = "\n".join(map(_granted, written["directory.csv"].splitlines())) + "\n"
        written["tariff.csv"] += (
            "hk-macau-taiwan,,17909,,,,,,,,,60,0.30,over 17909\ninternational,,17909,,,,,,,,,60,0.30,\n"
        )
        written |= {"days.csv": DAYS, "codes.csv": f"code,person,from,until\n0815,李二,,{LEFT}\n"}
        for name, text in written.items():
            (folder / name).write_text(text, encoding="utf-8")
        config = CONFIG.replace("[office]\n", '[office]\ncodes = "codes.csv"\n') + RULES
        (folder / "smdr.toml").write_text(config, encoding="utf-8")
        ordered = sorted(self.calls, key=lambda one: one[0].at)
        (folder / "calls.log").write_bytes("".join(line(call, code) for call, code in ordered).encode())


def _granted(row: str) -> str:
    """A row of the directory with post and granted classes."""
    extension, department, person, first, until = row.split(",")
    post, may_call = ("post", "may_call") if extension == "extension" else GRANTS.get(extension, ("", ""))
    return f"{extension},{department},{person},{post},{may_call},{first},{until}"
