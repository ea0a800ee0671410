"""A built-in format whose columns a site puts right: the same reading, in other places."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from parsers import formats
from parsers.layout import Column, Columns, Delimited, Field, arranged
from parsers.site_file import Fault, FaultyFormatError
from parsers.site_places import PlacesFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parsers.formats import Format, Line
    from parsers.layout import Layout
    from parsers.pictures import Picture
    from parsers.records import Record
    from parsers.stamps import Stamps

_KEYS = ("name", "title", "based_on", "layout", "columns", "fields", "stamp", "noise", "sample")
_REPEATED = re.compile(r"(\[[^\]]*\]|\.)\{\d+\}")


class Correction(PlacesFile):
    """A file that corrects the places of a built-in format's columns."""

    keys = _KEYS

    def __init__(self, data: Mapping[str, Any]) -> None:
        known = formats.built_in()
        self.base = known.get(data["based_on"]) if isinstance(data["based_on"], str) else None
        super().__init__(data)
        if self.base is None:
            hint = "`smdr formats` lists them all"
            raise FaultyFormatError([Fault(("based_on",), f'there is no built-in format "{data["based_on"]}"', hint)])
        if any(type(layout) not in (Columns, Delimited) for layout in self.base.layouts):
            message = f"{self.base.name} has neither columns nor plain fields to correct"
            raise FaultyFormatError([Fault(("based_on",), message, "declare the format with a delimiter or columns")])

    @property
    def delimited(self) -> bool:
        """Whether fields are counted, not columns."""
        return self.base is not None and isinstance(self.base.layouts[0], Delimited)

    @property
    def separator(self) -> str:
        """What stands between fields, where they are counted."""
        layout = self.built_in.layouts[0]
        return layout.separator if isinstance(layout, Delimited) else ""

    @property
    def built_in(self) -> Format:
        """The format that is corrected."""
        assert self.base  # noqa: S101  (checked when the file was opened)
        return self.base

    def default_stamp(self) -> str:
        """Which moment the PBX prints where the file does not say."""
        return self.built_in.stamp

    def known(self, name: str) -> bool:
        """Whether a column may have this name."""
        return any(name in layout.names for layout in self._layouts())

    def names(self) -> str:
        """The names of columns, for a hint."""
        return ", ".join(dict.fromkeys(name for layout in self._layouts() for name in layout.names))

    def picture(self, name: str, text: str) -> Picture:
        """The picture of a column; ValueError where it has none, or not this one."""
        raise ValueError(f'"{name}" has a place alone: "{text}" is read as {self.built_in.name} does')

    def make(self) -> Format:
        """The format, its samples not tried yet; what is wrong with its parts is noted."""
        base = self.built_in
        chosen = self._layouts()
        layouts = tuple(self._corrected(layout) if layout in chosen else layout for layout in base.layouts)
        return replace(
            base,
            name=self.name,
            title=self.title,
            status="site",
            layouts=layouts,
            read=_renamed(self.name, base, layouts),
            noise=(*self.noise, *base.noise),
            stamp=self.stamp,
            samples=tuple(sample["line"].encode("latin-1") for sample in self.data["sample"]),
        )

    def _layouts(self) -> tuple[Layout, ...]:
        """The layouts that are corrected: the one named, or all."""
        number, layouts = self.data.get("layout"), self.built_in.layouts
        if number is None:
            return layouts
        if not isinstance(number, int) or not 1 <= number <= len(layouts):
            raise FaultyFormatError(
                [Fault(("layout",), f"{self.built_in.name} has no layout {number}", f"it has {len(layouts)}")]
            )
        return (layouts[number - 1],)

    def _corrected(self, layout: Layout) -> Layout:
        if isinstance(layout, Delimited):
            return self._renumbered(layout)
        if not isinstance(layout, Columns):
            return layout
        columns = [self._moved(column) for column in layout.columns]
        ordered = sorted(columns, key=lambda column: column.first)
        for before, column in pairwise(ordered):
            if column.first <= before.last:
                name = column.name if column.name in self.places else before.name
                message = f"{column.name} in {column.first}-{column.last} overlaps {before.name} in {before.first}-{before.last}"
                several = len(self.built_in.layouts) > 1 and "layout" not in self.data
                hint = f"or name one layout of {len(self.built_in.layouts)}: layout = 1" if several else ""
                self.fault(self.path(name), message, f"give the other its place, too{'; ' + hint if hint else ''}")
        return Columns(*ordered)

    def _moved(self, column: Column) -> Column:
        at = self.places.get(column.name)
        if at is None:
            return column
        cell = column.cell
        if cell and at.width != column.width:
            if not _REPEATED.fullmatch(cell):
                message = f"{column.name} is always {column.width} wide, not {at.width}"
                hint = f'write "{at.first}-{at.first + column.width - 1}"'
                self.fault(self.path(column.name), message, hint)
                return column
            cell = _REPEATED.sub(rf"\1{{{at.width}}}", cell)
        return Column(column.name, at.first, at.last, cell, column.align)

    def _renumbered(self, layout: Delimited) -> Layout:
        numbers = {field.name: number for number, field in enumerate(layout.fields, start=1)}
        numbers |= {name: at.first for name, at in self.places.items() if name in numbers}
        by_number: dict[int, Field] = {}
        for field in layout.fields:
            number = numbers[field.name]
            if number in by_number:
                name = field.name if field.name in self.places else by_number[number].name
                message = f"field {number} is {field.name} and {by_number[number].name}"
                self.fault(self.path(name), message, "give the other its number, too")
            by_number[number] = field
        fields = [by_number.get(n, Field(f"field {n}")) for n in range(1, max(by_number) + 1)]
        at_least = max(numbers[field.name] for field in layout.fields[: layout.at_least])
        return Delimited(layout.separator, *fields, at_least=at_least, ended=layout.ended)


def _renamed(name: str, base: Format, layouts: tuple[Layout, ...]) -> Callable[[Line, Stamps], Record]:
    """Read as ``base`` does, cells in the order of its own layouts, and call the format by its new name."""
    orders = [arranged(new, old.names) for new, old in zip(layouts, base.layouts, strict=True)]
    read_base = base.read

    def read(line: Line, stamps: Stamps) -> Record:
        line.cells = orders[line.layout](line.cells)
        record = read_base(line, stamps)
        record.format = name
        return record

    return read
