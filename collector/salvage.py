"""What can still be read of a damaged SQLite file: each row of each page that is whole, whatever became of the rest.

SQLite finds a row through the pages above it: one damaged page there hides thousands of rows that are in order. So here
every page is looked at by itself, for rows of the kinds `rows` tells: those of tables and those of tables WITHOUT ROWID.
What a page says is described in https://sqlite.org/fileformat2.html. Pages that were committed to the write-ahead log
stand in the place of those in the file.

It is for tables that rows are only ever added to: of others, a page that is not in use any more may still show rows that
were deleted. Reads only, and never raises on what a file holds.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Value: TypeAlias = int | float | str | bytes | None

_HEADER = b"SQLite format 3\0"
_USUAL_PAGE = 4096
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 0x0D, 0x0A, 0x02
_WAL_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
"""The first four bytes of a write-ahead log tell in which byte order its checksums are counted."""
_WAL_HEADER, _FRAME_HEADER = 32, 24
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of an integer, by its serial type."""


class Row(NamedTuple):
    """A row that could be read. ``rowid`` is None where its table has none."""

    rowid: int | None
    values: tuple[Value, ...]


class _UnreadableError(Exception):
    """A cell does not say what a cell says."""


def rows(path: Path) -> Iterator[Row]:
    """Every row of a database that can be read, page by page."""
    pages = _Pages(path)
    for number in range(1, pages.count + 1):
        yield from _of_page(pages, number)


class _Pages:
    """The pages of a file, with what was committed to its write-ahead log."""

    def __init__(self, path: Path) -> None:
        self._file = path.read_bytes()
        wal = path.with_name(f"{path.name}-wal")
        log = wal.read_bytes() if wal.exists() else b""
        self.size = _page_size(self._file, log)
        self._logged, grown = _committed(log, self.size)
        self.count = max(-(-len(self._file) // self.size), grown)

    def get(self, number: int) -> bytes:
        """A page, by its number from 1 on. Raises `_UnreadableError` where there is none, or not all of it."""
        page = self._logged.get(number) or self._file[(number - 1) * self.size : number * self.size]
        if number < 1 or len(page) < self.size:
            raise _UnreadableError
        return page


def _page_size(file: bytes, log: bytes) -> int:
    """The size of pages as the header says, or the log, or as it usually is."""
    size = int.from_bytes(file[16:18], "big") if file.startswith(_HEADER) else 0
    size = size or (int.from_bytes(log[8:12], "big") if len(log) >= _WAL_HEADER else 0)
    return size if 512 <= size <= 32768 and size & (size - 1) == 0 else _USUAL_PAGE


def _committed(log: bytes, size: int) -> tuple[dict[int, bytes], int]:
    """The pages of a write-ahead log that were committed, and how many pages the file has with them."""
    order = _WAL_MAGIC.get(int.from_bytes(log[:4], "big"))
    if order is None or len(log) < _WAL_HEADER or int.from_bytes(log[8:12], "big") != size:
        return {}, 0
    salts, sums = log[16:24], _checksum(log[:24], order, (0, 0))
    if sums != struct.unpack(">II", log[24:32]):
        return {}, 0
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    grown = 0
    for begin in range(_WAL_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        head = log[begin : begin + _FRAME_HEADER]
        page = log[begin + _FRAME_HEADER : begin + _FRAME_HEADER + size]
        sums = _checksum(page, order, _checksum(head[:8], order, sums))
        if head[8:16] != salts or sums != struct.unpack(">II", head[16:24]):
            break
        number, pages_then = struct.unpack(">II", head[:8])
        pending[number] = page
        if pages_then:
            committed |= pending
            pending.clear()
            grown = pages_then
    return committed, grown


def _checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _of_page(pages: _Pages, number: int) -> Iterator[Row]:
    try:
        page = pages.get(number)
    except _UnreadableError:
        return
    head = 100 if number == 1 else 0
    kind = page[head]
    if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
        return
    first = head + (12 if kind == _INDEX_INNER else 8)
    count = int.from_bytes(page[head + 3 : head + 5], "big")
    for place in range(first, min(first + 2 * count, pages.size - 1), 2):
        try:
            yield _cell(pages, page, int.from_bytes(page[place : place + 2], "big"), kind)
        except (_UnreadableError, IndexError, ValueError, struct.error):
            continue


def _cell(pages: _Pages, page: bytes, at: int, kind: int) -> Row:
    """The row of one cell; `_UnreadableError` and others where it is none."""
    if kind == _INDEX_INNER:
        at += 4
    size, at = _varint(page, at)
    rowid = None
    if kind == _TABLE_LEAF:
        rowid, at = _varint(page, at)
    return Row(rowid, _record(_payload(pages, page, at, size, is_table=kind == _TABLE_LEAF)))


def _payload(pages: _Pages, page: bytes, at: int, size: int, *, is_table: bool) -> bytes:
    """The bytes of a row: those on its page, and on the pages it overflows to."""
    usable = pages.size
    if size > pages.count * usable:
        raise _UnreadableError
    most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
    if size <= most:
        data = page[at : at + size]
        if len(data) < size:
            raise _UnreadableError
        return data
    least = (usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (usable - 4)
    local = local if local <= most else least
    parts, left = [page[at : at + local]], size - local
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    while left > 0:
        overflow = pages.get(following)
        parts.append(overflow[4 : 4 + min(left, usable - 4)])
        left -= len(parts[-1])
        following = int.from_bytes(overflow[:4], "big")
    if following:
        raise _UnreadableError
    return b"".join(parts)


def _record(payload: bytes) -> tuple[Value, ...]:
    head_size, at = _varint(payload, 0)
    kinds = []
    while at < head_size:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        size = _size_of(kind)
        data = payload[at : at + size]
        if len(data) < size:
            raise _UnreadableError
        values.append(_value(kind, data))
        at += size
    if at != len(payload):
        raise _UnreadableError
    return tuple(values)


def _size_of(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return 8 if kind == 7 else _INTEGERS.get(kind, 0)


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind == 7:
        number: float = struct.unpack(">d", data)[0]
        return number
    if kind in _INTEGERS:
        return int.from_bytes(data, "big", signed=True)
    if kind < 12:
        raise _UnreadableError
    return data.decode() if kind % 2 else data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and the place behind it."""
    number = 0
    for place in range(at, at + 8):
        byte = data[place]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place + 1
    return number << 8 | data[at + 8], at + 9
