"""The InfluxDB output: follows the store with its own cursor and confirms only what the server says it stored.

Nothing is dropped. A point refused for good goes to quarantine with the server's words; a refused login or a missing
database stops the output until it is put right; everything else is tried again for ever. What each answer leads
to is the table in ``docs/influxdb.md``.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import aiohttp

from collector.accounting.comparing import comparable
from collector.buckets import PERIODS, bucket_of
from collector.faultpoints import reach
from collector.outputs.figures import EVERY_S
from collector.outputs.influx_server import TIMEOUT, Failure, Server, connected
from collector.outputs.points import SECOND, call_point, point_time, profile_point, returned_point, traffic_point
from collector.outputs.returned import Returned
from collector.outputs.trunk_hours import TrunkHours
from collector.secret import SecretError
from collector.tls import TlsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from collector.calls import Call
    from collector.config import Output, Site
    from collector.outputs.base import MissOrReturn, OutputFeed, RollupRow, State
    from collector.outputs.office import Office

_log = logging.getLogger(__name__)

BATCH_CALLS = 500
BATCH_ROLLUPS = 500
LONGER = PERIODS[1:]
LARGEST_BODY = 512 * 1024
SMALLEST_BODY = 8 * 1024

MOST_REFUSED = 100
"""Points in a row that may go to quarantine."""

LINGER_S = 0.5
"""Calls committed within this time go out together."""

IDLE_S = 5.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0


def _without_carrier(source: str, number: str, carrier: str | None) -> str:  # noqa: ARG001  (as others have it)
    return number[len(carrier or "") :]


class InfluxOutput:
    """One ``[[output]]`` of type ``influxdb``. ``sleep`` and ``uniform`` (0 to 1) are for tests.

    ``site_of`` tells that of a source; without it all are at ``site``. ``figures()`` are the points of this minute about the
    collector itself; it is called in a thread. ``office`` has those of what stands in the office's books. ``rest`` gives a
    number dialled at a source without access code and carrier prefix, by which a missed call is returned in
    ``return_within_s``.
    """

    def __init__(
        self,
        output: Output,
        site: Site,
        feed: OutputFeed,
        *,
        site_of: Callable[[str], Site] | None = None,
        figures: Callable[[], list[str]] = list,
        office: Office | None = None,
        rest: Callable[[str, str, str | None], str] = _without_carrier,
        return_within_s: int = 3600,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        self._output = output
        self._site = site
        self._at = site_of or (lambda _: site)
        self._zone = ZoneInfo(site.timezone)
        self._feed = feed
        self._rest = rest
        self._returned = Returned(feed, self._compared, return_within_s)
        self._timeout = timeout
        self._sleep = sleep
        self._uniform = uniform
        self._calls_seq = self._rollups_seq = 0
        self._largest_body = LARGEST_BODY
        self._failures = 0
        self._refused_in_a_row = 0
        self._figures = figures
        self._minute = -1
        self._office = office
        self._office_turn = 0
        self._shown: tuple[State, str | None] | None = None

    async def run(self) -> None:
        """Follow the store until cancelled."""
        self._calls_seq, self._rollups_seq = await self._feed.cursor(self._output.name)
        while True:
            try:
                async with connected(self._output, self._timeout) as server:
                    await self._check(server)
                    await self._follow(server)
            except Failure as failure:
                await self._show(*self._verdict(failure))
                await self._wait(failure.retry_after)
            except (SecretError, TlsError) as error:
                await self._show("refused", f"{error}.")
                await self._wait()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self._largest_body = max(self._largest_body // 2, SMALLEST_BODY)
                await self._show("retrying", self._unreachable(error))
                await self._wait()
            except Exception as error:  # noqa: BLE001  (an output's fault must not stop collecting)
                _log.exception("Output %s failed and is started again.", self._output.name)
                await self._show("retrying", f"Output failed ({type(error).__name__}: {error}); the log has more.")
                await self._wait()

    async def _check(self, server: Server) -> None:
        """Write nothing: shows a refused login or a missing database before the first call comes."""
        try:
            await server.write(b"\n")
        except Failure as failure:
            if failure.meaning != "bad point":
                raise

    async def _follow(self, server: Server) -> None:
        """Send what is new, for ever. Calls go first: while they lag, rollups still change."""
        trunk_hours = TrunkHours(lambda source: self._at(source).name, self._zone, self._feed)
        while True:
            await self._send_figures(server)
            if calls := await self._feed.calls_after(self._calls_seq, BATCH_CALLS):
                await self._send_calls(server, calls)
            elif rows := await self._feed.rollups_after(self._rollups_seq, BATCH_ROLLUPS):
                await self._send_rollups(server, rows, trunk_hours)
            else:
                await self._stored()
                await self._feed.changed(IDLE_S)
                await self._sleep(LINGER_S)

    async def _send_figures(self, server: Server) -> None:
        """Once a minute, and not again when it fails: the next minute has figures of its own. The office's, when they are new."""
        minute = int(time.time()) // EVERY_S
        if minute != self._minute:
            self._minute = minute
            await self._write(server, await asyncio.to_thread(self._figures))
        if self._office and self._office.turn != self._office_turn:
            turn, points = self._office.turn, self._office.points
            await self._write(server, points)
            self._office_turn = turn

    async def _send_calls(self, server: Server, calls: list[tuple[int, Call]]) -> None:
        former = sorted((call.source, point_time(start, call.offset)) for _, call in calls for start in call.former)
        for source, points in groupby(former, key=itemgetter(0)):
            await self._delete(server, source, [time for _, time in points])
            reach("points-deleted")
        await self._write(server, await self._call_lines([call for _, call in calls]))
        self._calls_seq = calls[-1][0]
        await self._stored(confirm=True)

    async def _call_lines(self, calls: list[Call]) -> list[str]:
        """Write these calls, and of missed ones that were sent before them, which of them these return."""
        found = await self._returned.look(calls)
        lines = [
            call_point(call, self._at(call.source), returned=found.sent.get((call.source, call.offset)))
            for call in calls
        ]
        earlier = await self._feed.calls_of(found.earlier)
        return lines + [returned_point(call, self._at(call.source)) for call in earlier]

    async def _delete(self, server: Server, source: str, times: list[int]) -> None:
        """Delete the points of a source at these times, in order, with as few requests as possible.

        A request costs the server a tenth of a second, so a whole span goes at once, unless it holds other calls
        that would not be sent again.
        """
        first, last = times[0], times[-1]
        if first < last and await self._feed.settled(source, first // SECOND, last // SECOND, self._calls_seq):
            middle = len(times) // 2
            await self._delete(server, source, times[:middle])
            await self._delete(server, source, times[middle:])
        else:
            await server.delete(self._at(source).name, source, first, last)

    async def _send_rollups(self, server: Server, rows: list[RollupRow], trunk_hours: TrunkHours) -> None:
        await self._write(server, await self._rollup_lines(rows))
        await self._write(server, await trunk_hours.points(rows, self._rollups_seq))
        self._rollups_seq = rows[-1].seq
        await self._stored(confirm=True)

    async def _rollup_lines(self, rows: list[RollupRow]) -> list[str]:
        """Write the changed hours, the longer buckets that hold them, and their place in the week, each once."""
        zone = self._zone
        hours = [
            traffic_point(self._at(row.source).name, "hour", row.dims, bucket_of("hour", row.hour, zone), row)
            for row in rows
        ]
        longer = list(
            dict.fromkeys((period, row.dims, bucket_of(period, row.hour, zone)) for row in rows for period in LONGER)
        )
        sums = await self._feed.rollup_sums([(dims, *bucket) for _, dims, bucket in longer])
        profiles = list(dict.fromkeys(((row.source, row.direction, row.department), row.hour) for row in rows))
        counts = await self._feed.profile_sums(profiles)
        return [
            *hours,
            *(
                traffic_point(self._at(dims[0]).name, period, dims, bucket, total)
                for (period, dims, bucket), total in zip(longer, sums, strict=True)
            ),
            *(
                profile_point(self._at(dims[0]).name, dims, hour, zone, count)
                for (dims, hour), count in zip(profiles, counts, strict=True)
            ),
        ]

    def _compared(self, call: MissOrReturn) -> str:
        """The site of a call, by which it is to be returned, with the number of the other party however it is dialled."""
        site = self._at(call.source)
        number = call.number if call.incoming else self._rest(call.source, call.number, call.carrier)
        return f"{site.name} {comparable(number, site.area_code)}"

    async def _write(self, server: Server, lines: list[str]) -> None:
        for part in _parts(lines, self._largest_body):
            await self._write_part(server, part)

    async def _write_part(self, server: Server, lines: list[str]) -> None:
        """Write all of these points but those the server refuses for good; raises `Failure` for anything else.

        Points sent twice on the way do no harm: they overwrite themselves.
        """
        try:
            await server.write("\n".join(lines).encode())
            self._refused_in_a_row = 0
        except Failure as failure:
            if failure.meaning not in {"split", "bad point"}:
                raise
            if len(lines) == 1:
                await self._quarantine(lines[0], failure)
                return
            if failure.meaning == "split":
                self._largest_body = max(self._largest_body // 2, SMALLEST_BODY)
            middle = len(lines) // 2
            await self._write_part(server, lines[:middle])
            await self._write_part(server, lines[middle:])

    async def _quarantine(self, point: str, failure: Failure) -> None:
        """Set a bad point aside; where nothing but bad points comes, the fault is the server's: raises `Failure`."""
        if self._refused_in_a_row == MOST_REFUSED:
            failure.meaning = "refused"
            raise failure
        self._refused_in_a_row += 1
        await self._feed.quarantine(self._output.name, point, str(failure))

    async def _stored(self, *, confirm: bool = False) -> None:
        """Everything read so far is on the server."""
        if confirm:
            reach("points-written")
            await self._feed.confirm(self._output.name, self._calls_seq, self._rollups_seq)
            self._largest_body = min(self._largest_body * 2, LARGEST_BODY)
        self._failures = 0
        await self._show("ok", None)

    async def _show(self, state: State, error: str | None) -> None:
        if self._shown != (state, error):
            await self._feed.state(self._output.name, state, error)
            self._shown = (state, error)

    async def _wait(self, at_least: float = 0.0) -> None:
        longest = min(FIRST_WAIT_S * 2**self._failures, LONGEST_WAIT_S)
        self._failures = min(self._failures + 1, 16)
        await self._sleep(max(longest * (1 + self._uniform()) / 2, at_least))

    def _verdict(self, failure: Failure) -> tuple[State, str]:
        where = f"InfluxDB at {self._output.url}"
        if failure.meaning != "refused":
            return "retrying", f"{where} answers {failure}. Calls wait and are sent again."
        return "refused", f"{where} answers {failure}. Calls wait; {self._fix(failure)}."

    def _fix(self, failure: Failure) -> str:
        store = self._output.bucket or self._output.database
        fixes = {
            400: "raise this limit in influxdb.conf"
            if failure.full
            else "it refuses every point: put that right there",
            401: self._login_fix(),
            403: f'allow this user or token to write to "{store}"',
            404: f'create "{store}" with `smdr influx setup`',
        }
        return fixes.get(failure.status, "check that the url of this output is that of InfluxDB")

    def _login_fix(self) -> str:
        if self._output.token_file:
            return f"put a valid token into {self._output.token_file}"
        if self._output.username:
            return f'check user "{self._output.username}" and the password in {self._output.password_file}'
        return "it asks for a login: set username and password_file (1.x) or token_file (2.x, 3.x)"

    def _unreachable(self, error: Exception) -> str:
        reason = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        return f"InfluxDB at {self._output.url} cannot be reached: {reason}. Calls wait and are sent again."


def _parts(lines: list[str], size: int) -> Iterator[list[str]]:
    """Cut lines into lists of at most ``size`` characters, and at least one line."""
    part: list[str] = []
    length = 0
    for line in lines:
        if part and length + len(line) > size:
            yield part
            part, length = [], 0
        part.append(line)
        length += len(line) + 1
    if part:
        yield part
