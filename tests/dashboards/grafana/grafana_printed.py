"""Three years of printed lines of two exchanges, and what a person with a ruler and a calendar counts in them.

Nothing of the project is used here: lines are read by regular expressions written from the columns of the manual,
hours and months are counted with the calendar of the standard library.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from math import ceil
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")  # a zone with summer time: days of 23 and 25 hours
SITE = "hq"
RING_SECONDS = 5
TARGET_S = 15

DEPARTMENTS = {"101": "Sales/East", "102": "Sales/East", "103": "前台", "104": "Works (North)", "201": "Sales/East"}
"""105, 106 and 202 are in no department."""

PEOPLE = {"101": "Wang", "103": "李 明"}

DIRECTORY = "extension,department,person,from,until\n" + "".join(
    f"{extension},{department},{PEOPLE.get(extension, '')},,\n" for extension, department in DEPARTMENTS.items()
)

NUMBERS = (
    ("2988880{:03}", "local"),
    ("1380000{:04}", "mobile"),
    ("01055500{:03}", "domestic"),
    ("0085255550{:03}", "hk-macau-taiwan"),
    ("00445550{:04}", "international"),
    ("400555{:04}", "service"),
)
CLASSES = (
    (r"", "unknown"),
    (r"1[3-9]\d{9}", "mobile"),
    (r"00852\d+", "hk-macau-taiwan"),
    (r"00\d+", "international"),
    (r"0[1-9]\d+", "domestic"),
    (r"400\d{7}", "service"),
    (r"\d+", "local"),
)

PRICES = {"local": (60, 11), "mobile": (60, 20), "domestic": (6, 7), "17909": (60, 30), "international": (6, 80)}
"""What each class costs, and what is dialled with this prefix: every so many seconds that are begun, so many hundredths."""

TARIFF = "class,carrier,step_s,price\n" + "".join(
    f"{'' if name == '17909' else name},{name if name == '17909' else ''},{step_s},{hundredths / 100:.2f}\n"
    for name, (step_s, hundredths) in PRICES.items()
)

WITH_RING = "front"
"""Prints how long a call rang (80 columns, no charge)."""
WITHOUT_RING = "old"
"""Does not (80 columns with charge)."""
EXTENSIONS = {WITH_RING: ("101", "102", "103", "104", "105", "106"), WITHOUT_RING: ("201", "202")}


@dataclass(frozen=True)
class Printed:
    """One printed line, understood. Times are seconds; ``start`` is UTC; None where the line does not say."""

    source: str
    offset: int
    start: int
    direction: str
    outcome: str
    class_: str
    extension: str
    trunk: str
    number: str
    ring_s: int | None
    talk_s: int | None
    carrier: str = ""
    peer: str = ""
    """The extension that an internal call was made to."""
    amount: str = ""
    """As the exchange printed it."""

    @property
    def cost(self) -> float | None:
        """Amount; None where no price fits."""
        step_s, hundredths = self._price
        return None if self.rated_s is None else self.rated_s // step_s * hundredths / 100

    @property
    def rated_s(self) -> int | None:
        """Seconds that are paid for."""
        step_s, _ = self._price
        return ceil((self.talk_s or 0) / step_s) * step_s if step_s else None

    @property
    def _price(self) -> tuple[int, int]:
        return PRICES.get(self.carrier or self.class_, (0, 0)) if self.direction == "outgoing" else (0, 0)

    @property
    def tags(self) -> dict[str, str]:
        return {
            "site": SITE,
            "source": self.source,
            "direction": self.direction,
            "outcome": self.outcome,
            "class": self.class_,
            "department": DEPARTMENTS.get(self.extension, ""),
            "extension": self.extension,
            "trunk": self.trunk,
            "carrier": self.carrier,
        }

    @property
    def rings(self) -> int | None:
        return None if self.ring_s is None else ceil(self.ring_s / RING_SECONDS)


def print_lines(seed: int = 20230101) -> dict[str, bytes]:
    """Print three years of traffic (2023 to 2025) of both exchanges, in the order in which the calls end."""
    chance = random.Random(seed)
    text: dict[str, bytes] = {}
    for source, extensions in EXTENSIONS.items():
        ended: list[tuple[datetime, str]] = []
        day = datetime(2023, 1, 1, tzinfo=ZONE)
        while day.year < 2026:
            calls = chance.choice((1, 1, 2) if day.weekday() > 4 else (2, 3, 4, 5))
            ended += [_print_call(chance, source, chance.choice(extensions), day) for _ in range(calls)]
            day = (day.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=ZONE)
        # Two calls of three hours that cross midnight and the end of a year and of a quarter.
        nights = (datetime(2024, 12, 31, 22, 41, tzinfo=ZONE), datetime(2025, 3, 31, 23, 30, tzinfo=ZONE))
        ended += [print_line(source, night, extensions[0], "01", "<I>2988880001", 0, 3 * 3600) for night in nights]
        # And a rush in which every line is held.
        rush = datetime(2024, 6, 12, 10, 50, tzinfo=ZONE)
        ended += [
            print_line(source, rush + timedelta(minutes=line), extensions[0], f"0{line}", "<I>2988880002", 4, 1200)
            for line in range(1, 5)
        ]
        ended += _print_returning(source)
        ended.sort(key=lambda call: call[0])
        text[source] = b"".join(line.encode() + b"\r\n" for _, line in ended)
    return text


def _print_returning(source: str) -> list[tuple[datetime, str]]:
    """Every third day a call is missed, and some are returned: soon, late, from the other exchange, or by a next call."""
    ended = []
    day = datetime(2023, 1, 2, tzinfo=ZONE)
    for number in range(365):
        missed = (day + timedelta(days=3 * number)).replace(tzinfo=ZONE, hour=12, minute=5)
        shape, _ = NUMBERS[number % 4]
        caller = shape.format(number % 1000)
        minutes, by, how = (
            (7, WITH_RING, "call"),
            (70, WITH_RING, "call"),
            (40, WITHOUT_RING, "call"),
            (50, WITH_RING, "answer"),
            (-30, WITH_RING, "call"),
            (20, WITH_RING, "miss"),
        )[number % 6]
        if source == WITH_RING:
            ended.append(print_line(source, missed, f"10{1 + number % 6}", "02", f"<I>{caller}", 22, 0))
        if source == by:
            dial = f"<I>{caller}" if how != "call" else f"17909{caller}" if caller.startswith("010") else caller
            talk_s = 0 if how == "miss" else 65
            ring_s = 5 if how != "call" and source == WITH_RING else None
            extension = EXTENSIONS[source][0]
            ended.append(print_line(source, missed + timedelta(minutes=minutes), extension, "03", dial, ring_s, talk_s))
    return ended


def _print_call(chance: random.Random, source: str, extension: str, day: datetime) -> tuple[datetime, str]:
    # Office hours, and now and then the evening; never the hour that summer time skips or repeats.
    hour = chance.choice((8, 9, 9, 9, 10, 10, 10, 11, 13, 14, 14, 15, 16, 17, 20, 23))
    start = day.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60))
    shape, _ = chance.choice(NUMBERS)
    number = shape.format(chance.randrange(1000))
    kind = chance.choices(("incoming", "missed", "outgoing", "internal"), (50, 14, 30, 6))[0]
    talk_s = 0 if kind == "missed" else chance.choice((7, 31, 65, 130, 400, 1900, 4300))
    ring_s = chance.choice((0, 1, 4, 5, 6, 9, 14, 15, 16, 22, 31, 48, 70))
    trunk = f"{chance.randrange(1, 5):02}"
    if kind == "internal":
        return print_line(source, start, extension, "", f"EXT{chance.choice(EXTENSIONS[source])}", None, None)
    if kind == "outgoing":
        if number.startswith("010") and chance.random() < 0.5:
            number = f"17909{number}"
        return print_line(source, start, extension, trunk, number, None, talk_s)
    dial = f"<I>{number if chance.random() < 0.8 else ''}"
    return print_line(source, start, extension, trunk, dial, ring_s, talk_s)


def print_line(
    source: str, start: datetime, extension: str, trunk: str, dial: str, ring_s: int | None, talk_s: int | None
) -> tuple[datetime, str]:
    end = (start.astimezone(UTC) + timedelta(seconds=(ring_s or 0) + (talk_s or 0))).astimezone(ZONE)
    stamp = end.strftime("%d/%m/%y %H:%M")
    duration = "" if talk_s is None else f"{talk_s // 3600:02}:{talk_s // 60 % 60:02}'{talk_s % 60:02}"
    code = "NA" if dial.startswith("<I>") and not talk_s else ""
    if source == WITHOUT_RING:
        cost = "" if talk_s is None else "00000.00"
        return end, f"{stamp}  {extension:>5} {trunk:2} {dial:20} {duration:8} {cost:>10} {'':10} {code:3}"
    ring = "" if ring_s is None else f"{ring_s // 60}'{ring_s % 60:02}"
    return end, f"{stamp}   {extension:>5} {trunk:2} {dial:25} {ring:4} {duration:8} {'':10} {code:3}"


_COLUMNS = {
    WITH_RING: re.compile(
        r"(?P<day>..)/(?P<month>..)/(?P<year>..) (?P<hour>..):(?P<minute>..)   (?P<extension>.{5}) (?P<trunk>..) "
        r"(?P<dial>.{25}) (?P<ring>.{4}) (?P<duration>.{8}) (?P<amount>) {10} (?P<code>.{3})"
    ),
    WITHOUT_RING: re.compile(
        r"(?P<day>..)/(?P<month>..)/(?P<year>..) (?P<hour>..):(?P<minute>..)  (?P<extension>.{5}) (?P<trunk>..) "
        r"(?P<dial>.{20})(?P<ring>) (?P<duration>.{8}) (?P<amount>.{10}) .{10} (?P<code>.{3})"
    ),
}


def read(source: str, text: bytes) -> list[Printed]:
    """Understand the printed lines of one exchange. The stamp is the end of the call, to the minute."""
    calls = []
    offset = 0
    for line in text.splitlines(keepends=True):
        match = _COLUMNS[source].fullmatch(line.decode().rstrip("\r\n"))
        assert match, line
        calls.append(_understand(source, offset, {name: cell.strip() for name, cell in match.groupdict().items()}))
        offset += len(line)
    return calls


def _understand(source: str, offset: int, cells: dict[str, str]) -> Printed:
    ring_s = talk_s = None
    carrier = peer = ""
    if cells["ring"]:
        minutes, seconds = cells["ring"].split("'")
        ring_s = int(minutes) * 60 + int(seconds)
    if cells["duration"]:
        hours, minutes, seconds = re.split("[:']", cells["duration"])
        talk_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    year, month, day, hour, minute = (int(cells[name]) for name in ("year", "month", "day", "hour", "minute"))
    end = int(datetime(2000 + year, month, day, hour, minute, tzinfo=ZONE).timestamp())
    number = cells["dial"].removeprefix("<I>")
    if cells["dial"].startswith("EXT"):
        direction, outcome, class_, number = "internal", "unknown", "internal", ""
        peer = cells["dial"].removeprefix("EXT")
    else:
        direction = "incoming" if cells["dial"].startswith("<I>") else "outgoing"
        # An outgoing line says how long it was, not whether somebody answered.
        outcome = "unknown" if direction == "outgoing" else "answered" if talk_s else "unanswered"
        carrier = "17909" if number.startswith("17909") else ""
        class_ = next(name for pattern, name in CLASSES if re.fullmatch(pattern, number.removeprefix(carrier)))
    start = end - (talk_s or 0) - (ring_s or 0)
    trunk = cells["trunk"]
    extension = cells["extension"]
    texts = (direction, outcome, class_, extension, trunk, number)
    return Printed(source, offset, start, *texts, ring_s, talk_s, carrier, peer, cells["amount"])


COUNTED = (
    "calls",
    "answered",
    "unanswered",
    "busy",
    "failed",
    "ring_known",
    "ring_s",
    "within_target",
    "talk_s",
    "held_s",
)


@dataclass
class Sums:
    """What is added up for one combination of tags in one bucket; ``held_s`` where it was, the rest where it began."""

    start: int
    tags: dict[str, str]
    values: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*COUNTED, "cost"), 0))


@cache
def bucket(period: str, second: int) -> int:
    """UTC second at which the local hour, day, month, quarter or year of a moment begins."""
    local = datetime.fromtimestamp(second, ZONE)
    if period == "hour":
        return second - (second + int(local.utcoffset().total_seconds())) % 3600  # type: ignore[union-attr]
    month = {"day": local.month, "month": local.month, "quarter": (local.month - 1) // 3 * 3 + 1, "year": 1}[period]
    day = local.day if period == "day" else 1
    return int(datetime(local.year, month, day, tzinfo=ZONE).timestamp())


@cache
def length(period: str, start: int) -> int:
    """Seconds of the bucket that begins at ``start``."""
    beyond = {"hour": 3600, "day": 36 * 3600, "month": 40 * 86400, "quarter": 100 * 86400, "year": 370 * 86400}
    return bucket(period, start + beyond[period]) - start


def add_up(calls: list[Printed], period: str) -> list[Sums]:
    """Sum calls by period and all their tags but the outcome."""
    buckets: dict[tuple[object, ...], Sums] = {}

    def at(second: int, call: Printed) -> dict[str, float]:
        start = bucket(period, second)
        tags = {key: value for key, value in call.tags.items() if key not in {"outcome", "carrier"}}
        return buckets.setdefault((start, *tags.items()), Sums(start, tags)).values

    for call in calls:
        values = at(call.start, call)
        values["calls"] += 1
        values["talk_s"] += call.talk_s or 0
        values["cost"] += call.cost or 0
        if call.outcome in values:
            values[call.outcome] += 1
        if call.outcome == "answered" and call.ring_s is not None:
            values["ring_known"] += 1
            values["ring_s"] += call.ring_s
            values["within_target"] += call.ring_s <= TARGET_S
        second, until = call.start, call.start + (call.talk_s or 0) + (call.ring_s or 0)
        while second < until:
            end = min(until, bucket("hour", second) + 3600)
            at(second, call)["held_s"] += end - second
            second = end
    return list(buckets.values())


def midnight(year: int, month: int, day: int) -> int:
    """UTC second at which a local day begins."""
    return int(datetime(year, month, day, tzinfo=ZONE).timestamp())
