"""A file of the journal made anew: what can be read of a damaged one, and a gap of its exact size for what cannot."""

from __future__ import annotations

import hashlib
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from collector import salvage
from collector.conversations import LOST, RECORDS
from collector.segments import (
    Chunk,
    Followed,
    begin_segment,
    create_segment,
    has,
    has_checksums,
    insert_chunks,
    open_segment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from collector.salvage import Value

_LONGEST_GAP = 1 << 20
"""A longer gap is several chunks, so that readers need not hold more."""
_TAIL = 1024
"""Bytes by which a file that is followed is known again."""


class Gap(NamedTuple):
    """Bytes of a source that are gone: from ``first`` up to, not including, ``last``."""

    source: str
    first: int
    last: int
    since: float | None
    """when the bytes before them were received, where that is known"""


class Known(NamedTuple):
    """What is known from elsewhere of the streams of a file, by source."""

    begins: dict[str, int]
    """where they stood in the file before"""
    limits: dict[str, int]
    """where they stand in the files behind"""
    reaches: dict[str, int]
    """how far calls.db has read them"""
    followed: dict[str, Followed]
    """how far a source had followed its file when this file was begun; position 0 for one that had not begun"""


class Recovered(NamedTuple):
    """What the new file holds."""

    chunks: int
    gaps: list[Gap]
    ends: dict[str, int]


class _Content(NamedTuple):
    """What could be read of a file."""

    chunks: list[Chunk]
    """in the order in which they were written"""
    imports: dict[tuple[str, str], tuple[int, int, float]]
    """bytes, complete, at; by source and SHA-256"""
    followed: dict[str, Followed]
    is_certain: bool
    """imports and followed are all there are"""


def ends_if_sound(path: Path, begins: dict[str, int], *, is_newest: bool) -> dict[str, int] | None:
    """Where the streams of a file end whose every byte is as it was written; None of one that is damaged.

    ``begins``: where they stood before. The newest file may still have no tables.
    """
    ends, tails = dict(begins), dict[str, bytes]()
    try:
        with closing(open_segment(path)) as db:
            if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                return None
            if not has(db, "chunks"):
                return ends if is_newest else None
            for chunk, checksum in _stored(db):
                if ends.get(chunk.source, chunk.offset) != chunk.offset or checksum not in (None, chunk.checksum):
                    return None
                ends[chunk.source] = chunk.end
                tails[chunk.source] = _tail_with(tails.get(chunk.source, b""), chunk)
            followed = [Followed(*row) for row in db.execute("SELECT source, position, tail FROM followed")]
    except sqlite3.DatabaseError:
        return None
    return ends if all(_agrees(place, tails.get(place.source, b"")) for place in followed) else None


def recover(path: Path, new: Path, known: Known) -> Recovered:
    """Write what can be read of ``path`` into the file ``new``; it is on disk, and closed, when this returns."""
    content = _read(path)
    begins = _begins(content, known, path.stat().st_size)
    chunks = _in_line(content.chunks, begins, known.limits)
    reaches = {source: known.limits.get(source, known.reaches.get(source, 0)) for source in begins}
    for source, place in content.followed.items():
        begun = _file_begun(chunks, source)
        if begun is not None and source in reaches and source not in known.limits:
            reaches[source] = max(reaches[source], begun + place.position)
    whole, gaps = _without_gaps(chunks, begins, reaches)
    ends = begins | {chunk.source: chunk.end for chunk in whole}
    if not content.is_certain:
        content.imports.update(_imports(whole))
    for source, before in known.followed.items():
        if source in begins:
            _put_place(content, whole, before, begins[source], ends[source])
    _write(new, begins, whole, content)
    return Recovered(len(chunks), gaps, ends)


def _stored(db: sqlite3.Connection) -> Iterator[tuple[Chunk, int | None]]:
    """Every chunk in stream order, with the checksum that was written with it."""
    checksum = "checksum" if has_checksums(db) else "NULL"
    for source, offset, lane, opened, ended, received, data, written in db.execute(
        f"SELECT source, offset, lane, opened, ended, received, data, {checksum} FROM chunks ORDER BY source, offset, id"
    ):
        yield Chunk(source, offset, lane, bool(opened), bool(ended), received, data), written


def _read(path: Path) -> _Content:
    content = _Content([], {}, {}, _tables_are_whole(path))
    chunks: dict[int, Chunk] = {}
    for rowid, values in salvage.rows(path):
        if rowid is not None:
            if chunk := _chunk(values):
                chunks[rowid] = chunk
            continue
        match values:
            case (str(source), str(sha256), int(taken), int(complete), float() | int() as at) if len(sha256) == 64:
                known = content.imports.get((source, sha256), (0, 0, 0.0))
                content.imports[source, sha256] = max(known, (taken, complete, float(at)))
            case (str(source), int(position), bytes(tail)):
                content.followed[source] = Followed(source, position, tail)
            case _:
                continue
    content.chunks.extend(chunk for _, chunk in sorted(chunks.items()))
    return content


def _chunk(values: tuple[Value, ...]) -> Chunk | None:
    """A row as a chunk; None where it is none, or not the one that was written."""
    match values:
        case (
            None,
            str(source),
            int(offset),
            int(lane),
            0 | 1 as opened,
            0 | 1 as ended,
            float() | int() as received,
            bytes(data),
            *rest,
        ) if offset >= 0 and len(rest) <= 1:
            chunk = Chunk(source, offset, lane, bool(opened), bool(ended), float(received), data)
            return chunk if not rest or rest[0] in (None, chunk.checksum) else None
    return None


def _tables_are_whole(path: Path) -> bool:
    """Whether SQLite finds the two small tables in order."""
    try:
        with closing(open_segment(path)) as db:
            found = [db.execute(f"PRAGMA integrity_check({table})").fetchone() for table in ("imports", "followed")]
    except sqlite3.DatabaseError:
        return False
    return found == [("ok",), ("ok",)]


def _begins(content: _Content, known: Known, size: int) -> dict[str, int]:
    """Where every stream begins in a file of ``size`` bytes.

    Of a source that is not known from before it is where the file says it stood; or the very beginning, unless the file
    cannot have held so much: then the months before are archived.
    """
    most = max(size, _LONGEST_GAP)
    begins = dict(known.begins)
    for chunk in content.chunks:
        if chunk.source not in begins:
            begins[chunk.source] = chunk.offset if _is_stand(chunk) or chunk.offset > most else 0
    for source, end in (known.reaches | known.limits).items():
        begins.setdefault(source, end if end > most else 0)
    return begins


def _is_stand(chunk: Chunk) -> bool:
    """Whether a chunk tells nothing but where its source stood when the file was begun."""
    return not (chunk.data or chunk.opened or chunk.ended)


def _in_line(chunks: Iterable[Chunk], begins: dict[str, int], limits: dict[str, int]) -> list[Chunk]:
    """Of chunks in the order they were written, those that can be true together: offsets grow, nothing overlaps.

    A chunk without a checksum may have been read with a wrong offset; it is the odd one among its neighbours.
    """
    by_source: defaultdict[str, list[tuple[int, Chunk]]] = defaultdict(list)
    for number, chunk in enumerate(chunks):
        fits = begins[chunk.source] <= chunk.offset and chunk.end <= limits.get(chunk.source, chunk.end)
        if fits and not _is_stand(chunk):
            by_source[chunk.source].append((number, chunk))
    accepted: list[tuple[int, Chunk]] = []
    for numbered in by_source.values():
        end = 0
        for number, chunk in _longest_growing(numbered):
            if chunk.offset >= end:
                accepted.append((number, chunk))
                end = chunk.end
    return [chunk for _, chunk in sorted(accepted)]


def _longest_growing(numbered: list[tuple[int, Chunk]]) -> list[tuple[int, Chunk]]:
    """The longest part of a list of chunks in which no offset is smaller than the one before."""
    lowest: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, (_, chunk) in enumerate(numbered):
        length = bisect_right(lowest, chunk.offset)
        before.append(last[length - 1] if length else None)
        lowest[length : length + 1] = [chunk.offset]
        last[length : length + 1] = [place]
    chain: list[tuple[int, Chunk]] = []
    at = last[-1] if last else None
    while at is not None:
        chain.append(numbered[at])
        at = before[at]
    return chain[::-1]


def _without_gaps(
    chunks: list[Chunk], begins: dict[str, int], reaches: dict[str, int]
) -> tuple[list[Chunk], list[Gap]]:
    """The chunks, and in the place of what lies between them, and behind the last, chunks that say it is gone."""
    at, received = dict(begins), dict[str, float]()
    whole: list[Chunk] = []
    gaps: list[Gap] = []

    def fill(source: str, until: int, moment: float) -> None:
        if at[source] < until:
            gaps.append(Gap(source, at[source], until, received.get(source)))
            whole.extend(_nothing(gaps[-1], moment))
            at[source] = until

    for chunk in chunks:
        fill(chunk.source, chunk.offset, chunk.received)
        whole.append(chunk)
        at[chunk.source], received[chunk.source] = chunk.end, chunk.received
    for source, until in reaches.items():
        fill(source, until, received.get(source, max(received.values(), default=0.0)))
    return whole, gaps


def _nothing(gap: Gap, received: float) -> Iterator[Chunk]:
    for offset in range(gap.first, gap.last, _LONGEST_GAP):
        data = bytes(min(_LONGEST_GAP, gap.last - offset))
        yield Chunk(gap.source, offset, LOST, opened=False, ended=False, received=received, data=data)


def _imports(chunks: Iterable[Chunk]) -> dict[tuple[str, str], tuple[int, int, float]]:
    """The files that were taken in whole, told by their bytes: each stands between a beginning and an end."""
    found: dict[tuple[str, str], tuple[int, int, float]] = {}
    taken: defaultdict[str, list[tuple[hashlib._Hash, list[int]]]] = defaultdict(list)
    for chunk in chunks:
        begun = taken[chunk.source]
        if chunk.lane == LOST:
            begun.clear()
        elif chunk.lane == RECORDS:
            if chunk.opened:  # an import that was interrupted begins again, in the middle of its file
                begun.append((hashlib.sha256(), [0]))
            for digest, size in begun:
                digest.update(chunk.data)
                size[0] += len(chunk.data)
            if chunk.ended:
                found |= {(chunk.source, d.hexdigest()): (size[0], 1, chunk.received) for d, size in begun}
                begun.clear()
    return found


def _file_begun(chunks: Iterable[Chunk], source: str) -> int | None:
    """Where in the stream the file begins that a source follows; None where that is in an earlier month."""
    begun = None
    for chunk in chunks:
        if chunk.source == source and chunk.lane == RECORDS and chunk.opened:
            begun = chunk.offset
    return begun


def _put_place(content: _Content, chunks: list[Chunk], before: Followed, begin: int, end: int) -> None:
    """How far a source has followed its file: as was read, where the stream agrees, or else worked out from the stream."""
    source, tail = before.source, b""
    for chunk in chunks:
        if chunk.source == source:
            tail = _tail_with(tail, chunk)
    place = content.followed.get(source)
    if place is not None and _agrees(place, tail):
        return
    if place is None and content.is_certain:
        return
    begun = _file_begun(chunks, source)
    position = before.position + end - begin if begun is None else end - begun
    content.followed[source] = Followed(source, position, tail[-position:] if position else b"")


def _tail_with(tail: bytes, chunk: Chunk) -> bytes:
    """The last bytes of a source as far as they are known, once ``chunk`` has come."""
    return b"" if chunk.lane == LOST else (tail + chunk.data)[-_TAIL:]


def _agrees(place: Followed, tail: bytes) -> bool:
    """Whether the bytes by which a file is known are those that came last."""
    both = min(len(place.tail), len(tail))
    return place.tail[len(place.tail) - both :] == tail[len(tail) - both :]


def _write(new: Path, begins: dict[str, int], chunks: list[Chunk], content: _Content) -> None:
    with closing(create_segment(new)) as db:
        begin_segment(db, begins, chunks[0].received if chunks else 0.0)
        with db:
            db.execute("BEGIN IMMEDIATE")
            insert_chunks(db, chunks)
            db.executemany(
                "INSERT INTO imports VALUES (?,?,?,?,?)", [(*key, *taken) for key, taken in content.imports.items()]
            )
            db.executemany("INSERT INTO followed VALUES (?,?,?)", content.followed.values())
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
