"""How long every page of the console takes to show its data: ``python -m console_pages CONFIG [ROUNDS]``.

A page is opened as a browser opens it: its address is asked for, its socket connected, and its data are there when the
element that holds them comes over the socket. ``PYTHONPATH=.:tests:tests/bench:tests/dashboards/web``; `large_store` makes
a store of ten million calls. Beside the seconds on the clock stands the processor time of the console: other programs'
work is not in it. The first time a page is opened stands beside the others: then what it keeps in memory is read.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
import time
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
from click import echo
from console_serving import PASSWORD, Console, employ
from websockets.asyncio.client import connect

from collector.config import load
from dashboards.web.gate import COOKIE
from dashboards.web.page import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.asyncio.client import ClientConnection

    from collector.office.users import Role

ROUNDS = 21
LONGEST_S = 60
EVERY_S = 0.2
"""A page is opened so often: twenty people together do not do it more often."""
LOOK_UPS = 2000
CONNECTED = re.compile("^40")
"""How the console's answer to a socket begins."""

MARKS = {
    "/": "kpi",
    "/traffic": "kpi",
    "/answering": "kpi",
    "/trunks": "kpi",
    "/cost": "kpi",
    "/calls": "search-form",
    "/violations": "kpi|note",
    "/budgets": "budgets|notice|note",
    "/approvals": "desk-message|note",
    "/deposits": "desk-message|note",
    "/missed": "kpi",
    "/desk": "desk-call|note",
    "/live": "rowData",
    "/wallboard": "wall-tile",
    "/lines": "verdict",
    "/attach": "ports",
    "/equipment": "kpi",
    "/bills": "bills|note",
    "/reports": "tbody",
    "/audit": "trail",
    "/users": "users",
    "/account": "form",
}
"""What is among the data of each page of `PAGES`, and not among what is sent before them."""


class Case(NamedTuple):
    """A page that one of a role looks at; ``told`` says what is special about it."""

    role: Role
    address: str
    told: str = ""

    @property
    def page(self) -> str:
        """The page's path."""
        return self.address.partition("?")[0]


class Taken(NamedTuple):
    """Milliseconds until the data were there: on the clock, and of the console's processor time."""

    clock: float
    processor: float


def cases(department: str, number: str, extension: str, deep: str, months: tuple[str, str]) -> list[Case]:
    """Every page as its first role sees it, the searches, and those whose view is narrowed or masked."""
    first, last = months
    far = f"period=day&from={first}&to={last}"
    searches = {
        "number=": f"begins={number}",
        "a number that is nowhere": "begins=99999999",
        "some digits": f"contains={number[3:7]}",
        "extension": f"extension={extension}",
        "organisation, by a note": "person=nobody",
        "dates and class": f"from={first}&to={last}&class=domestic&outcome=answered",
        "far back": f"before={deep}",
    }
    long = {"twelve months": "period=month", "two years": "period=quarter", "five years": "period=year"}
    everyone: list[Case] = [Case("administrator", page) for page in PAGES]
    figures = ("/traffic", "/answering", "/trunks", "/cost", "/")
    return [
        *everyone,
        *(Case("administrator", f"{page}?{far}", "another month") for page in figures),
        *(
            Case("administrator", f"{page}?{far}&department={quote(department)}", "one department")
            for page in figures[:2]
        ),
        *(Case("administrator", f"{page}?{far}&extension={extension}", "one extension") for page in figures[:2]),
        *(Case("administrator", f"{page}?{dates}", told) for told, dates in long.items() for page in figures),
        *(
            Case("administrator", f"{page}?period=year&{narrowed}", f"five years, one {narrowed.partition('=')[0]}")
            for narrowed in (f"department={quote(department)}", f"extension={extension}")
            for page in ("/traffic", "/answering", "/cost")
        ),
        *(Case("department-head", f"{page}?period=year", "as a department head, five years") for page in figures),
        *(Case("administrator", f"/calls?{asked}", told) for told, asked in searches.items()),
        *(
            Case("department-head", page, "as a department head")
            for page in (*figures, "/calls", "/missed", "/violations")
        ),
        Case("department-head", f"/calls?begins={number}", "as a department head, by number"),
        *(Case("auditor", page, "as an auditor, digits hidden") for page in (*figures, "/calls")),
        Case("auditor", f"/calls?contains={number[1:6]}", "as an auditor, by some digits"),
    ]


class Viewer:
    """One who is logged in, and opens pages."""

    def __init__(self, console: Console, role: Role) -> None:
        self._console = console
        self._client = httpx.Client(
            base_url=console.address, headers={"Origin": console.address}, follow_redirects=True
        )
        self._client.post("/login", data={"name": role, "password": PASSWORD}, follow_redirects=False)
        self._cookie = f"{COOKIE}={self._client.cookies[COOKIE]}"

    async def open(self, case: Case) -> Taken:
        """Open a page until its data are there."""
        mark = re.compile(rf"\b(?:{MARKS[case.page]})\b")
        processor, begun = self._console.processor_s(), time.perf_counter()
        answer = await asyncio.to_thread(self._client.get, case.address)
        answer.raise_for_status()
        at_once = self._taken(processor, begun) if mark.search(answer.text) else None
        async with self._socket(answer.text) as socket:
            await socket.send("40")
            try:
                await asyncio.wait_for(self._until(CONNECTED if at_once else mark, socket), LONGEST_S)
            except TimeoutError:
                raise AssertionError(f"{case}: its data do not come") from None
            return at_once or self._taken(processor, begun)

    def _taken(self, processor: float, begun: float) -> Taken:
        return Taken(1000 * (time.perf_counter() - begun), 1000 * (self._console.processor_s() - processor))

    def _socket(self, page: str) -> connect:
        client = re.search(r"'client_id': '([\w-]+)'", page)
        assert client, "the page does not say which client it is"
        query = f"EIO=4&transport=websocket&implicit_handshake=true&client_id={client[1]}"
        address = f"{self._console.address.replace('http', 'ws', 1)}/_nicegui_ws/socket.io/?{query}"
        address += "&document_id=x&tab_id=x&next_message_id=0"
        headers = {"Cookie": self._cookie}
        return connect(address, additional_headers=headers, origin=self._console.address, max_size=None)  # type: ignore[arg-type]

    @staticmethod
    async def _until(mark: re.Pattern[str], socket: ClientConnection) -> None:
        async for message in socket:
            if message == "2":
                await socket.send("3")
            elif mark.search(str(message)):
                return


def percentile(values: list[float], part: float) -> float:
    """Nearest rank."""
    return sorted(values)[max(0, round(part * len(values) + 0.4999) - 1)]


async def measure(console: Console, found: list[Case], rounds: int, every_s: float = 0) -> dict[Case, list[Taken]]:
    """Open every page so often, in turns, and once before; what that took stands first. One begins ``every_s`` at most."""
    viewers = {role: Viewer(console, role) for role in dict.fromkeys(case.role for case in found)}
    taken: dict[Case, list[Taken]] = {case: [] for case in found}
    for _ in range(rounds + 1):
        for case in found:
            one, _ = await asyncio.gather(viewers[case.role].open(case), asyncio.sleep(every_s))
            taken[case].append(one)
    return taken


def look_up_ms(path: Path) -> float:
    """Milliseconds of a call's look-up by the key of its table, the plainest question there is."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        (last,) = db.execute("SELECT max(seq) FROM stored_calls").fetchone()
        begun = time.process_time()
        for number in range(LOOK_UPS):
            db.execute("SELECT * FROM stored_calls WHERE seq = ?", (number * 7919 % last,)).fetchone()
        return 1000 * (time.process_time() - begun) / LOOK_UPS


@contextmanager
def serving(config: Path, department: str) -> Iterator[Console]:
    """The console of a configuration, with a user for each role that is measured."""
    for role in ("administrator", "department-head", "auditor"):
        employ(config, role, department if role == "department-head" else None)  # type: ignore[arg-type]
    console = Console(config)
    try:
        yield console
    finally:
        console.stop()


def of_store(config: Path) -> tuple[str, list[Case]]:
    """A department, and the cases for what is stored: a number and an extension there are, a month and a place far back."""
    settings = load(config)
    with closing(sqlite3.connect(f"file:{settings.site.data / 'calls.db'}?mode=ro", uri=True)) as db:
        (middle,) = db.execute("SELECT max(seq) / 2 FROM stored_calls").fetchone()
        number, extension, department, start, seq = db.execute(
            "SELECT number, extension, department, start, seq FROM calls WHERE seq >= ? AND number IS NOT NULL "
            "AND department IS NOT NULL ORDER BY seq LIMIT 1",
            (middle,),
        ).fetchone()
    first = datetime.fromtimestamp(start, ZoneInfo(settings.site.timezone)).date().replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return department, cases(department, number, extension, f"{start}.{seq}", (first.isoformat(), last.isoformat()))


def main(config: Path, rounds: int) -> None:
    """Print a table of what was taken, the slowest first, and the console's memory."""
    department, found = of_store(config)
    look_up = look_up_ms(load(config).site.data / "calls.db")
    with serving(config, department) as console:
        before = console.resident_megabytes()
        taken = asyncio.run(measure(console, found, rounds, EVERY_S))
        after = console.resident_megabytes()
    echo("| page | p50 | p95 | processor p50 | p95 | of a look-up | at first |\n|---|---|---|---|---|---|---|")
    for case, times in sorted(taken.items(), key=lambda one: -percentile([t.clock for t in one[1][1:]], 0.95)):
        clock, processor = [one.clock for one in times[1:]], [one.processor for one in times[1:]]
        figures = (median(clock), percentile(clock, 0.95), median(processor), percentile(processor, 0.95))
        told = f"`{case.page}`" + (f", {case.told}" if case.told else "")
        echo(
            f"| {told} | "
            + " | ".join(f"{one:.0f} ms" for one in figures)
            + f" | {figures[2] / look_up:,.0f} | {times[0].clock:.0f} ms |"
        )
    echo(
        f"\na look-up by key: {1000 * look_up:.0f} µs; the console's memory: {before} MB at first, {after} MB at the end"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
