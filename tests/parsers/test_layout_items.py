from __future__ import annotations

import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st

from parsers.layout import Column, Columns
from parsers.layout_items import Item, Items

ITEMS = Items(
    Columns(Column("kind", 1, 2, "K[KL]")),
    Item("02", "station", 4, 4, r"[\d ]"),
    Item("04", "time", 6, 6, r"\d", needed=True),
    Item("07", "account", 0, 6, r"\d", loose=True),
    Item("08", "conditions", 3, 3),
    Item("11", "digits", 0, 20, r"[\d#]", loose=True),
    Item("13", "charge", 1, 5),
)


def items(text: str) -> dict[str, str] | None:
    """The cells that are not empty, by their names; None where the text does not fit."""
    cells = ITEMS.matcher()(text)
    return None if cells is None else {name: cell for name, cell in zip(ITEMS.names, cells, strict=True) if cell}


def test_items_are_told_apart_by_kind_and_length() -> None:
    told = {"kind": "KK", "station": "12  ", "time": "091510", "account": "471", "conditions": "1 2", "charge": "0"}
    assert items("KK020412  0406091510070347108031 213010") == told
    assert items("KL0406091510") == {"kind": "KL", "time": "091510"}


@pytest.mark.parametrize(
    ("behind_the_time", "account", "digits"),
    [
        ("07044711080300011045550", "4711", "5550"),
        ("07054711080300011055550", "4711", "5550"),
        ("070008030001100", "", ""),
        ("070108030001101", "", ""),
        ("0701", "", ""),
        ("0703081", "081", ""),
        ("0703080803000", "08", ""),
        ("0707123456", "123456", ""),
        ("07061234562002ab", "123456", ""),
    ],
)
def test_a_loose_item_has_as_many_characters_as_let_another_follow(
    behind_the_time: str, account: str, digits: str
) -> None:
    found = items("KK0406091510" + behind_the_time)
    assert found is not None
    assert (found.get("account", ""), found.get("digits", "")) == (account, digits)


@pytest.mark.parametrize("behind_the_time", ["0704080803000", "070512342002ab", "0708123456", "0804000"])
def test_a_length_that_is_wrong_by_more_fits_nothing(behind_the_time: str) -> None:
    assert items("KK0406091510" + behind_the_time) is None


def test_items_of_kinds_beyond_those_declared_are_kept_as_printed() -> None:
    found = items("KK04060915101302552002ab31009901x")
    assert found is not None
    assert found["others"] == "2002ab31009901x"
    assert items("KK04060915102002ab1501x") is None
    assert items("KK04060915100501x") is None


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("KX0406091510", "bad-field", "column 1-2 (kind) holds 'KX'"),
        ("KK", "too-short", "item 04 (time) is missing"),
        ("KK02041234", "too-short", "item 04 (time) is missing"),
        ("KK020412340803000", "bad-field", "item 04 (time) is missing"),
        ("KK02041234040609", "too-short", "the line ends in item 04 (time), at 2 of 6 characters"),
        ("KK0406091510080", "too-short", "behind item 04 (time) stands '080', which begins no item that may follow"),
        (
            "KK0406091510x803000",
            "bad-field",
            "behind item 04 (time) stands 'x803', which begins no item that may follow",
        ),
        (
            "KK04060915100204123",
            "bad-field",
            "behind item 04 (time) stands '0204', which begins no item that may follow",
        ),
        ("KK0406091x10", "bad-field", "item 04 (time) holds '091x10'"),
        ("KK0405091510", "bad-field", "item 04 (time) has a length of 5, at least 6 and at most 6 expected"),
        ("KK04060915102002a", "too-short", "the line ends in item 20 (others), at 1 of 2 characters"),
    ],
)
def test_what_is_wrong_with_a_record_of_items_is_told_by_its_item(text: str, reason: str, hint: str) -> None:
    misfit = ITEMS.misfit(text)
    assert misfit is not None
    assert (misfit.reason, misfit.hint) == (reason, hint)


def test_the_place_of_every_item_is_known_up_to_the_one_that_is_wrong() -> None:
    assert ITEMS.places("KK040609151007024") == {"kind": (0, 2), "time": (6, 12), "account": (16, 17)}
    assert ITEMS.places("KK04060915102001x2101y")["others"] == (12, 22)


@st.composite
def records_of_items(draw: st.DrawFn) -> str:
    """Items whose lengths are right, or one too large or too small, sometimes cut off, sometimes of unknown kinds."""
    text = draw(st.sampled_from(("KK", "KL", "K")))
    for kind in sorted(
        draw(st.sets(st.sampled_from(("02", "04", "07", "08", "11", "13", "20", "31"))) | st.just({"04"}))
    ):
        characters = draw(st.sampled_from(("", "0", "08", "080", "1108", "0803000", "091510", "12  ", "#" * 20)))
        told = len(characters) + draw(st.sampled_from((0, 0, 0, 1, 1, -1)))
        text += f"{kind}{max(told, 0):02}{characters}"
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@given(st.one_of(records_of_items(), st.text("0123478", max_size=40).map(lambda digits: "KK0406091510" + digits)))
def test_items_are_the_same_to_the_fast_matcher_and_to_the_declaration(text: str) -> None:
    try:
        parsed = ITEMS.parse(text.encode("latin-1"))
    except ConstructError:
        assert ITEMS.matcher()(text) is None
        assert ITEMS.misfit(text) is not None
        return
    assert ITEMS.matcher()(text) == tuple(parsed[name] for name in ITEMS.names)
    assert ITEMS.parse(ITEMS.build(parsed)) == parsed
