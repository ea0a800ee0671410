"""One source's stream turned into legs, calls and sums. Reads no file and writes none: chunks in, a batch out."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.conversations import LOST, NOISE_LANES
from collector.gathering import framer_of
from collector.interpreting import interpret, tail_class
from collector.joining import Joiner
from collector.store.calls_db import Lane, Shown
from parsers import formats
from parsers.date_order import SURE
from parsers.formats import text_of
from parsers.records import Leg, Noise, Rejected
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collector.accounting.enriching import Accounting
    from collector.config import Source
    from collector.framing import Frame
    from collector.joining import Pending
    from collector.rollups import Rollup
    from collector.segments import Chunk
    from collector.store.calls_db import Batch, CallsDb, Counters

_log = logging.getLogger(__name__)

_LIVE_S = 86_400
"""A record whose end is further than this from its receive time was not printed just now."""
_DRIFT_RECORDS = 8
"""Of so many records the one that came soonest after its end tells the drift: waiting in a buffer only delays."""
_TOGETHER_S = 1.0
"""Records that came within this time of each other were waiting in a buffer: they count as one."""
_BUSY_S = 30.0
"""Where records come together for longer, the line is busy or a buffer empties: of a buffer the drift changes meanwhile."""
_STEADY_S = 90.0
"""More than records of a resolution of a minute differ by."""
PAUSE_S = 3.0
"""The lines of a record come one behind the other: by then TCP has sent again what was lost on the way."""
_COMMIT_S = 2.0
"""So long it may take from a chunk's receive time until it is seen in the journal."""


def stamps_of(source: Source, site_zone: str, declared: formats.Format, counters: Counters) -> Stamps:
    """How the stamps of ``source`` are read: by its own settings where given, else as its dates told, else as its format."""
    return Stamps(
        ZoneInfo(source.timezone or site_zone),
        source.date_order or counters.date_order or declared.order,
        source.stamp or declared.stamp,
        settled=source.date_order is not None,
        carried=counters.carried_day,
    )


class SourceProjection:
    """The projection of one source, from where calls.db says it stands."""

    def __init__(
        self, source: Source, format_name: str, site_zone: str, accounting: Accounting, db: CallsDb, counters: Counters
    ) -> None:
        declared = formats.get(format_name)
        self.source = source.name
        self.format = format_name
        self.open_s = declared.joining.open_s
        self.counters = counters
        self.counters.format = format_name
        self._declared = declared
        self._stamps = stamps_of(source, site_zone, declared, self.counters)
        self._order = self._stamps.order
        self._decode = declared.decoder(self._stamps)
        self._accounting = accounting
        self._drifts: deque[float] = deque(maxlen=_DRIFT_RECORDS)
        self._drift_at = self._drift_since = float("-inf")
        self._drift_first = 0.0
        self._joiner = Joiner(source.name, declared.joining, db.pending(source.name))
        self._lanes = db.lanes(source.name)
        self._framers = {
            lane: framer_of(declared, at.position, at.state)
            for lane, at in self._lanes.items()
            if lane not in NOISE_LANES
        }
        for at in self._lanes.values():
            self._decode(at.heading.encode("latin-1"), at.position, 0.0)
        self._heard: dict[int, float] = {}
        self.position = min((lane.position for lane in self._lanes.values()), default=0)

    def account_by(self, accounting: Accounting) -> None:
        """Enrich calls by other tables from here on."""
        self._accounting = accounting

    def close(self, offsets: set[int]) -> None:
        """Outputs are given these calls now, though a further leg may come: what it changes is a change to them."""
        self._joiner.close(offsets)

    def wants(self, chunk: Chunk) -> bool:
        """Whether ``chunk`` holds anything that is not projected yet."""
        if chunk.ended:
            framer = self._framers.get(chunk.lane)
            return framer is not None and framer.position < framer.next_offset
        return chunk.offset + len(chunk.data) > self.position

    def take(self, chunk: Chunk, batch: Batch, rollup: Rollup) -> None:
        """Project one chunk into ``batch``; bytes that were projected before are passed over."""
        end = chunk.offset + len(chunk.data)
        if chunk.offset > 0 and not self._lanes:
            self._count("noise", chunk.offset)
            self.counters.noise += 1
            batch.quiet(self.source, "removed", 1, chunk.offset)
        if chunk.lane == LOST:
            self._interrupt(chunk, batch)
        if chunk.lane in NOISE_LANES:
            self._dialogue(chunk, batch)
        else:
            self._records(chunk, batch, rollup)
        self.position = max(self.position, end)
        self._note(batch)

    @property
    def waits(self) -> bool:
        """Whether a record is held that may be whole: `pause` is to be called."""
        return any(framer.waits for framer in self._framers.values())

    def pause(self, now: float, batch: Batch, rollup: Rollup) -> None:
        """Take the records that are held for whole where nothing came for a while until ``now``.

        `take` does the same where such a pause lies between two chunks: the journal tells the same records again.
        """
        for number, framer in self._framers.items():
            if framer.waits and abs(now - self._heard[number]) > PAUSE_S + _COMMIT_S:
                self._frames(number, framer.pause(), self._heard[number], batch, rollup)
                self._move(number)
                self._note(batch)

    def _note(self, batch: Batch) -> None:
        """Have ``batch`` store how far the lanes are projected."""
        for number, lane in self._lanes.items():
            framer = self._framers.get(number)
            if framer is None or framer.position == framer.next_offset:
                # nothing waits on it: a restart need not go back to it
                lane.position = max(lane.position, self.position)
            batch.lanes[self.source, number] = lane
        self._heed_dates()
        batch.counters[self.source] = self.counters

    def _heed_dates(self) -> None:
        """Keep what the dates told, and say it where it is not what they were read by until now."""
        stamps, told = self._stamps, self._stamps.dates.told
        self.counters.carried_day = stamps.carried
        if told is None or told.certainty < SURE:
            return
        self.counters.date_order, self.counters.date_certainty = told.order, told.certainty
        if told.order == self._order:
            return
        self._order = told.order
        if stamps.order == told.order:
            _log.warning(
                "%s: the dates are read with %s, from here on. For those before, run `smdr reparse`.", self.source, told
            )
        else:
            _log.warning(
                "%s: the dates look like %s, but `date_order` says %r. If that is wrong, correct it and run `smdr reparse`.",
                self.source,
                told,
                stamps.order,
            )

    def _dialogue(self, chunk: Chunk, batch: Batch) -> None:
        """Count what belongs to the conversation with the PBX, unless a restart brought us back before it."""
        lane = self._lanes.setdefault(chunk.lane, Lane(chunk.offset))
        if lane.position < chunk.offset + len(chunk.data):
            self.counters.noise += 1
            self._count("noise", len(chunk.data))
            batch.quiet(self.source, NOISE_LANES[chunk.lane], 1, len(chunk.data))

    def _interrupt(self, gone: Chunk, batch: Batch) -> None:
        """Bytes are gone here: a line that was begun before them does not go on behind them, whatever comes there."""
        for number, framer in self._framers.items():
            if framer.next_offset > gone.offset:
                continue
            lane = self._lanes[number]
            for frame in framer.finish():
                hint = "what came behind this is lost"
                torn = Rejected(frame.offset, self.format, "cut-off", hint, frame.data.decode("latin-1"))
                lane.tail = "rejected"
                self._count(lane.tail, len(frame.data))
                self._reject(torn, gone.received, batch)
            lane.state = framer.state

    def _records(self, chunk: Chunk, batch: Batch, rollup: Rollup) -> None:
        framer = self._framers.get(chunk.lane)
        if framer is None:
            framer = self._framers[chunk.lane] = framer_of(self._declared, chunk.offset)
            self._lanes[chunk.lane] = Lane(chunk.offset)
        number, received = chunk.lane, chunk.received
        done = framer.next_offset - chunk.offset
        if done < len(chunk.data):
            heard = self._heard.get(number, received)
            if abs(received - heard) > PAUSE_S:
                self._frames(number, framer.pause(), heard, batch, rollup)
            data = chunk.data[done:] if done > 0 else chunk.data
            opened = chunk.opened and done <= 0
            frames = framer.feed(max(framer.next_offset, chunk.offset), data, opened=opened)
            self._frames(number, frames, received, batch, rollup)
            self._heard[number] = received
        if chunk.ended and done <= len(chunk.data):
            self._frames(number, framer.finish(), received, batch, rollup)
        self._move(number)

    def _move(self, number: int) -> None:
        """Note how far a lane is framed."""
        lane, framer = self._lanes[number], self._framers[number]
        lane.position, lane.state = framer.position, framer.state

    def _frames(self, number: int, frames: list[Frame], received: float, batch: Batch, rollup: Rollup) -> None:
        lane, counters = self._lanes[number], self.counters
        for frame in frames:
            if frame.tail:
                self._count(lane.tail, len(frame.data))
                if lane.tail == "noise":
                    batch.quiet(self.source, "blank", 0, len(frame.data))
                continue
            begin = 0
            for record, size in interpret(frame, self._decode, self.format, received):
                lane.tail = tail_class(record)
                self._count(lane.tail, size)
                if isinstance(record, Leg):
                    counters.legs += 1
                    if record.raw == text_of(frame.data[begin : begin + size]):
                        record.raw = ""  # the journal has it
                    self._leg(record, size, received, batch, rollup)
                elif isinstance(record, Noise):
                    counters.noise += 1
                    batch.quiet(self.source, record.reason, 1, size)
                    if self._declared.named(record.raw):
                        lane.heading = record.raw
                else:
                    self._reject(record, received, batch)
                begin += size

    def _count(self, kind: str, size: int) -> None:
        counters = self.counters
        if kind == "record":
            counters.record_bytes += size
        elif kind == "noise":
            counters.noise_bytes += size
        else:
            counters.rejected_bytes += size

    def _reject(self, record: Rejected, received: float, batch: Batch) -> None:
        self.counters.rejected += 1
        batch.reject(self.source, record, received)

    def _leg(self, leg: Leg, size: int, received: float, batch: Batch, rollup: Rollup) -> None:
        counters = self.counters
        counters.last_record = received
        if leg.start is not None:
            drift = leg.start + (leg.ring_s or 0) + (leg.talk_s or 0) + (leg.hold_s or 0) - received
            if abs(drift) < _LIVE_S:
                self._drifted(drift, received)
        earlier = self._joiner.earlier(leg, received)
        shown = self._take_back(earlier, batch, rollup) if earlier else None
        call, legs, key, waits, gone = self._joiner.add(leg, received, earlier)
        self._accounting.enrich(call)
        if shown and (call.open or shown.tags != call.tags()):  # open again, it may still become another
            call.former = sorted({*call.former, shown.start})
        rollup.add(call)
        if earlier is None:
            self.counters.calls += 1
        elif (self.source, call.offset) not in batch.calls:
            batch.replaced.append((self.source, call.offset))
        batch.sizes[self.source, leg.offset] = size
        batch.put(call, legs)
        for late in gone:
            batch.joining[self.source, late] = None
        if key is not None:
            batch.joining[self.source, key] = call.offset if waits else None

    def _drifted(self, drift: float, received: float) -> None:
        is_together = received - self._drift_at < _TOGETHER_S
        if is_together and received - self._drift_since < _BUSY_S:
            self._drifts[-1] = max(self._drifts[-1], drift)
        else:
            if is_together and abs(self._drift_first - drift) > _STEADY_S:
                self._drifts.pop()
            self._drifts.append(drift)
            self._drift_since, self._drift_first = received, drift
        self._drift_at = received
        if len(self._drifts) > 1:  # what came once, or was imported, may have waited for hours
            self.counters.drift_s = round(max(self._drifts), 1)

    def _take_back(self, earlier: Pending, batch: Batch, rollup: Rollup) -> Shown | None:
        """Take a call out of the sums, for a further leg will change it; tell what outputs may have seen of it."""
        call = earlier.call
        rollup.add(call, -1)
        identity = (self.source, call.offset)
        if identity not in batch.calls and not call.open:
            batch.shown[identity] = Shown(call.start, call.tags())
        return batch.shown.get(identity)
