from __future__ import annotations

import pytest
from construct import ValidationError

from parsers.layout import Delimited, Field

ENDED = Delimited(";", Field("event", "[A-Z]+"), Field("line", r"\d*"), Field("number", r"\d*"), at_least=2, ended=True)


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("CALL;1;2;", ("CALL", "1", "2")),
        ("CALL;1;", ("CALL", "1", "")),
        ("CALL;1", ("CALL", "1", "")),
        ("CALL;;2;", ("CALL", "", "2")),
        ("CALL;", None),
        ("CALL", None),
        ("CALL;x;", None),
    ],
)
def test_a_separator_that_also_ends_the_line_begins_no_field(line: str, cells: tuple[str, ...] | None) -> None:
    assert ENDED.matcher()(line) == cells
    assert (ENDED.misfit(line) is None) == (cells is not None)
    if cells is None:
        with pytest.raises(ValidationError):
            ENDED.parse(line.encode())
    else:
        assert tuple(ENDED.parse(line.encode())[name] for name in ENDED.names) == cells
