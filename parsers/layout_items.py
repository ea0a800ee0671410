"""Records of items that tell their own lengths as a house construct, see `parsers.layout`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from construct import Adapter, Container, GreedyBytes, ValidationError

from parsers.layout import PRINTED, Cells, Columns, Matcher, Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

_ITEM_HEAD = re.compile(r"[0-9]{4}")
_ITEM_HEAD_SIZE = 4
_OTHERS = "others"
_WITHOUT_LENGTH = itemgetter(slice(2, None))


class Item(NamedTuple):
    """One item of a record: the two digits of its kind, its name, and how many characters it has at least and at most.

    ``cell`` is an expression for one of the characters. An item that is not ``needed`` may be missing. ``loose``: some
    PBXs tell a length of one more than there are characters.
    """

    kind: str
    name: str
    shortest: int
    longest: int
    cell: str = "."
    needed: bool = False
    loose: bool = False

    def __str__(self) -> str:
        """Return the item as hints name it."""
        return f"item {self.kind} ({self.name})"

    def sizes(self, told: int) -> list[int]:
        """How many characters there may be where the length is ``told``: the number told first."""
        return [size for size in range(told, told - 1 - self.loose, -1) if self.shortest <= size <= self.longest]


class Items(Adapter):  # type: ignore[misc]  # construct ships no types
    """A head of columns, then items up to the end: kind and length, two digits each, and the characters; kinds ascend.

    Items of kinds beyond those declared are one more cell, ``others``, as printed. A loose item has as many characters
    as let the record end behind it, or an item of a larger declared kind begin; where none does, as many as it tells.
    """

    def __init__(self, head: Columns, *items: Item) -> None:
        super().__init__(GreedyBytes)
        self.head, self.items = head, items
        self.names = (*head.names, *(item.name for item in items), _OTHERS)
        self._kinds = [item.kind for item in items]
        self._needed = [item for item in items if item.needed]
        self._cells = {item.kind: re.compile(f"(?:{item.cell})*", re.DOTALL).fullmatch for item in items}
        self._follows = {item.kind: re.compile(self._following(item)).match for item in items if item.loose}

    def _decode(self, line: bytes, _context: Any, _path: Any) -> Container:
        text = line.decode("latin-1")
        places, misfit = self._read(text)
        if misfit:
            raise ValidationError(misfit.hint)
        heads = {
            item.name: text[places[item.name][0] - _ITEM_HEAD_SIZE : places[item.name][0]]
            for item in self.items
            if item.name in places
        }
        cells = Container({name: text[slice(*places.get(name, (0, 0)))] for name in self.names})
        return cells | {PRINTED: heads}

    def _encode(self, cells: Mapping[str, Any], _context: Any, _path: Any) -> bytes:
        line = ""
        heads: Mapping[str, str] = cells.get(PRINTED, {})
        for item in self.items:
            cell = str(cells.get(item.name, ""))[: item.longest]
            line += heads.get(item.name, f"{item.kind}{len(cell):02}" if cell else "") + cell
        head: bytes = self.head.build(cells)
        return head + (line + str(cells.get(_OTHERS, ""))).encode("latin-1")

    def matcher(self) -> Matcher:
        """One expression over the declared items; others, where there are any, are read one by one."""
        head, width = self.head.matcher(), self.head.width
        fits = re.compile("".join(map(self._expression, self.items)) + "(.*)", re.DOTALL).fullmatch

        def match(text: str) -> Cells | None:
            cells, found = head(text[:width]), fits(text, width)
            if cells is None or found is None:
                return None
            *told, others = found.groups("")
            if others and self._walk(others, 0, self._kinds[-1], {}):
                return None
            return (*cells, *map(_WITHOUT_LENGTH, told), others)

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first item at which ``text`` is not a record of these; None if it is one."""
        return self._read(text)[1]

    def places(self, text: str) -> dict[str, tuple[int, int]]:
        """Begin and end of each cell of ``text`` by its name, counted from 0, up to the one that does not fit."""
        return self._read(text)[0]

    def _expression(self, item: Item) -> str:
        """An item as an expression: its length and its characters are one group."""
        cell, lengths = f"(?:{item.cell})", []
        for told in range(100):
            sizes = item.sizes(told)
            tries = [f"{cell}{{{size}}}(?={self._following(item)})" for size in sizes if item.loose]
            if sizes:
                lengths.append(f"{told:02}(?>{'|'.join([*tries, f'{cell}{{{sizes[0]}}}'])})")
        return f"(?:{item.kind}({'|'.join(lengths)}))" + ("" if item.needed else "?")

    def _following(self, item: Item) -> str:
        """What may stand behind a loose item, as an expression."""
        return "|".join([r"\Z", *(kind for kind in self._kinds if kind > item.kind)])

    def _read(self, text: str) -> tuple[dict[str, tuple[int, int]], Misfit | None]:
        """The places of the cells, and where ``text`` stops fitting."""
        places = {column.name: (column.first - 1, column.last) for column in self.head.columns}
        misfit = self.head.misfit(text[: self.head.width])
        return places, misfit or self._walk(text, self.head.width, "", places)

    def _walk(self, text: str, at: int, last: str, places: dict[str, tuple[int, int]]) -> Misfit | None:
        """Take the items from ``at`` on, behind one of kind ``last``, and note their places; return where they end to fit."""
        misfit = None
        while misfit is None and (at < len(text) or self._missing(last, "~")):
            kind = text[at : at + 2]
            first, end, misfit = self._item(text, at, last)
            name = self.names[misfit.fitted if misfit else self._index(kind)]
            places[name] = (places.get(name, (first,))[0], end)
            at, last = end, kind
        return misfit

    def _item(self, text: str, at: int, last: str) -> tuple[int, int, Misfit | None]:
        """Begin and end of the item at ``at``, behind one of kind ``last``, and why it does not fit there."""
        first = at + _ITEM_HEAD_SIZE
        head, item = text[at:first], self._of(text[at : at + 2])
        missing = self._missing(last, head[:2] or "~")
        if missing:
            reason = "bad-field" if head else "too-short"
            return at, at, Misfit(self._index(missing.kind), reason, f"{missing} is missing")
        if item is None or item.kind <= last or not _ITEM_HEAD.fullmatch(head):
            reason = "bad-field" if len(head) == _ITEM_HEAD_SIZE else "too-short"
            hint = f"behind {self._of(last) or 'the head'} stands {head!r}, which begins no item that may follow"
            return at, first, Misfit(len(self.head.names) + bisect_right(self._kinds, last), reason, hint)
        size = self._size(item, int(head[2:]), text, first)
        found = text[first : first + size]
        return at if item.name == _OTHERS else first, first + len(found), self._unfit(item, size, found)

    def _unfit(self, item: Item, size: int, found: str) -> Misfit | None:
        """Why what was found in place of ``size`` characters is not the item."""
        reason = "bad-field"
        if not item.shortest <= size <= item.longest:
            hint = f"{item} has a length of {size}, at least {item.shortest} and at most {item.longest} expected"
        elif len(found) < size:
            reason, hint = "too-short", f"the line ends in {item}, at {len(found)} of {size} characters"
        elif item.kind in self._cells and not self._cells[item.kind](found):
            hint = f"{item} holds {found!r}"
        else:
            return None
        return Misfit(self._index(item.kind), reason, hint)

    def _size(self, item: Item, told: int, text: str, first: int) -> int:
        """How many characters ``item`` has, where ``told`` is its length and ``first`` its first character."""
        sizes = item.sizes(told)
        for size in sizes if item.loose else ():
            end = first + size
            if end <= len(text) and self._cells[item.kind](text, first, end) and self._follows[item.kind](text, end):
                return size
        return sizes[0] if sizes else told

    def _of(self, kind: str) -> Item | None:
        """The item of a kind, also of one beyond those declared; None for others that are not declared."""
        if kind in self._cells:
            return self.items[bisect_left(self._kinds, kind)]
        return Item(kind, _OTHERS, 0, 99) if kind > self._kinds[-1] else None

    def _index(self, kind: str) -> int:
        """The place of an item's name among those of the cells."""
        return len(self.head.names) + bisect_left(self._kinds, kind)

    def _missing(self, last: str, kind: str) -> Item | None:
        """The item that had to come between two kinds."""
        return next((item for item in self._needed if last < item.kind < kind), None)
