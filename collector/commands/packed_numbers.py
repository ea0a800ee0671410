"""Telephone numbers in binary records, as `smdr anonymise` replaces them: two digits a byte.

In a record they are where its layout has them. Where bytes are no record, nothing tells what is a number: every run of
packed digits is taken for one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parsers.layout_binary import FORMS
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsers.layout_binary import Packed
    from parsers.records import Record

_READ, _WRITTEN = FORMS["digits"]


def _bytes_with(digits: int) -> bytes:
    """The expression of a byte that holds so many digits."""
    return b"[" + re.escape(bytes(one for one in range(256) if len(_READ(bytes((one,)))) == digits)) + b"]"


_RUN = re.compile(_bytes_with(2) + b"+" + _bytes_with(1) + b"?")


def numbers_of(layout: Packed, raw: bytes) -> list[str]:
    """The numbers of a record, empty where there is none, in the order of the layout."""
    return [_READ(raw[start:end]) for start, end in _places(layout)]


def replaced_numbers(
    layout: Packed, record: Record, raw: bytes, replaced: Callable[[str], str]
) -> Iterator[tuple[int, bytes]]:
    """Yield places in the bytes of a record, or of what stands for one, with the bytes to put there.

    What follows a number in its place goes, too: it may be left from a longer one.
    """
    places = _places(layout) if isinstance(record, Leg) else [run.span() for run in _RUN.finditer(raw)]
    for start, end in places:
        held = raw[start:end]
        new = _WRITTEN(replaced(_READ(held)), end - start)
        if new != held:
            yield start, new


def _places(layout: Packed) -> list[tuple[int, int]]:
    return [(span.first, span.last + 1) for span in layout.spans if span.form == "digits"]
