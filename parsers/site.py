"""Formats a site declares for itself, in a file and without code: what stands in the file to a `Format`, or its faults.

A file declares the columns (or fields) of a line under the names of a leg's keys, corrects the columns of a built-in
format, or shows the screen on which an Avaya switch lists the items of its records. Its samples say what they mean: a
declaration they do not fit is refused, and the fault names the column that is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsers.site_correction import Correction
from parsers.site_declaration import Declaration
from parsers.site_file import Fault, FaultyFormatError, SiteFile
from parsers.site_screen import SCREEN, Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.formats import Format

__all__ = ["Fault", "FaultyFormatError", "declared"]


def declared(data: Mapping[str, Any]) -> Format:
    """Return the format a file's tables declare; raise FaultyFormatError with everything that is wrong with them."""
    kind: type[SiteFile] = Correction if "based_on" in data else Screen if SCREEN in data else Declaration
    return kind(data).format()
