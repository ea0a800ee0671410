"""Files of a site's formats that say themselves where each value stands: ``extension = "8-10"``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from parsers.site_file import Place, SiteFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parsers.pictures import Picture
    from parsers.site_file import Path

_PLACE = re.compile(r"(\d+)(?:-(\d+))?(?: (.+))?")
_LONGEST_LINE = 4096


class PlacesFile(SiteFile):
    """A file with a table of columns, or of fields, that gives each its place."""

    def known(self, name: str) -> bool:
        """Whether a column may have this name."""
        raise NotImplementedError

    def names(self) -> str:
        """The names of columns, for a hint."""
        raise NotImplementedError

    def picture(self, name: str, text: str) -> Picture:
        """The picture of a column; ValueError where it has none, or not this one."""
        raise NotImplementedError

    def find_places(self) -> None:
        """Take the places from the table."""
        other = "columns" if self.table == "fields" else "fields"
        if other in self.data:
            hint = "fields need a delimiter" if other == "fields" else "with a delimiter, number them under [fields]"
            self.fault((other,), f"[{other}] cannot stand here", hint, on_key=True)
            return
        table = self.data.get(self.table)
        if not isinstance(table, dict) or not table:
            example = "extension = 4" if self.delimited else 'extension = "8-10"'
            self.fault((), f"there is no [{self.table}]", f"add [{self.table}] with lines such as: {example}")
            return
        for name, written, path in self._written(table):
            if not self.known(name):
                self.fault(path, f'unknown column "{name}"', f"one of {self.names()}", on_key=True)
            elif place := self._place(name, written, path):
                self.places[name] = place

    def _written(self, table: Mapping[str, Any]) -> Iterator[tuple[str, Any, Path]]:
        for name, written in table.items():
            if name == "extra" and isinstance(written, dict):
                for other, place in written.items():
                    yield f"extra.{other}", place, (self.table, name, other)
            else:
                yield name, written, (self.table, name)

    def _place(self, name: str, written: object, path: Path) -> Place | None:
        example = '"4" or "4 hh:mm:ss"' if self.delimited else '"8-10" or "8-12 hh:mm"'
        found = _PLACE.fullmatch(str(written)) if isinstance(written, str | int) else None
        if found is None or (self.delimited and found[2]):
            self.fault(path, f"expected the place of {name}", f"write {example}")
            return None
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= _LONGEST_LINE:
            self.fault(path, f"there is no column {written}", "they are counted from 1, the first one first")
            return None
        picture = None
        if found[3]:
            try:
                picture = self.picture(name, found[3])
            except ValueError as error:
                self.fault(path, str(error), "hh mm ss are hours, minutes, seconds; DD MM YY day, month, year")
                return None
        if picture and not self.delimited and picture.least > last - first + 1:
            wide = f"the picture is {picture.least} wide, columns {first}-{last} are {last - first + 1}"
            self.fault(path, wide, f'write "{first}-{first + picture.least - 1} {picture.text}"')
            return None
        return Place(first, last, picture)
