"""Texts that somebody else wrote, in files that a spreadsheet opens."""

from __future__ import annotations

import pytest

from collector.spreadsheets import harmless


@pytest.mark.parametrize("first", [*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20"])
def test_no_text_is_taken_for_a_formula(first: str) -> None:
    assert harmless(f"{first}HYPERLINK(1)") == f"'{first}HYPERLINK(1)"


@pytest.mark.parametrize("text", ["", "Wang", "1=1", "\u738b"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
