"""Every place found is the place of its value, whatever way the file is written."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.config.positions import Path, Span, line_and_column, locate

BARE = st.text("abz09_-", min_size=1, max_size=3)
WORDS = st.text("a \"'\\#=[]{},.\t\n总é", max_size=6)
SPACE = st.sampled_from(["", " ", "\t", "  "])
LINE_END = st.sampled_from(["\n", " # a comment, with = [brackets] and 'quotes\"\n", "\n\n", "\n  # more\n"])


def quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


@st.composite
def keys(draw: st.DrawFn) -> str:
    return draw(st.one_of(BARE, WORDS.map(quoted), BARE.map(lambda word: f"'{word}'")))


STRINGS = st.one_of(
    WORDS.map(quoted),
    BARE.map(lambda word: f"'[{word}, #{word}]'"),
    WORDS.map(lambda word: f'"""\n{quoted(word)[1:-1]}\n#"x" = ]"""'),
    WORDS.map(lambda word: f'"""{quoted(word)[1:-1]}"""""'),
    BARE.map(lambda word: f"'''{word}\n'{word}'''''"),
)
SCALARS = st.one_of(
    STRINGS,
    st.integers(-(2**62), 2**62).map(str),
    st.sampled_from(["true", "false", "1.5e3", "-inf", "0xff", "1979-05-27 07:32:00", "1979-05-27T07:32:00Z"]),
)


@st.composite
def arrays(draw: st.DrawFn, elements: st.SearchStrategy[str]) -> str:
    gap = st.sampled_from(["", " ", "\n", " # why\n\t"])
    items = [draw(gap) + item + draw(gap) for item in draw(st.lists(elements, max_size=3))]
    return "[" + ",".join(items) + draw(st.sampled_from([",", ""]) if items else gap) + "]"


@st.composite
def inline_tables(draw: st.DrawFn, elements: st.SearchStrategy[str]) -> str:
    entries = draw(st.lists(st.tuples(keys(), elements), max_size=3, unique_by=lambda entry: name_of(entry[0])))
    return "{" + ",".join(f"{draw(SPACE)}{key}{draw(SPACE)}= {value}" for key, value in entries) + draw(SPACE) + "}"


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(arrays(inner), inline_tables(inner)), max_leaves=4)


def name_of(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0")))


@st.composite
def documents(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(["", "\n", "# first\n"]))
    for _ in range(draw(st.integers(0, 5))):
        names = draw(st.lists(keys(), min_size=1, max_size=3))
        gap = draw(SPACE)
        header = f"{gap}.{gap}".join(names)
        opening = draw(st.sampled_from(["", f"[{gap}{header}{gap}]", f"[[{header}]]"]))
        text += opening + (draw(LINE_END) if opening else "")
        for _ in range(draw(st.integers(0, 3))):
            dotted = ".".join(draw(st.lists(keys(), min_size=1, max_size=2)))
            text += f"{draw(SPACE)}{dotted}{draw(SPACE)}={draw(SPACE)}{draw(VALUES)}{draw(LINE_END)}"
    return text


def walk(value: Any, path: Path = ()) -> dict[Path, Any]:
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    found = {path: value} if path else {}
    for key, child in children:
        found |= walk(child, (*path, key))
    return found


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
@given(documents())
def test_every_path_is_found_and_its_place_holds_its_key_and_value(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the same table twice, say: tomllib reports those, not this module
    places = locate(text)
    values = walk(data)
    assert set(places) == set(values)
    for path, place in places.items():
        if isinstance(path[-1], str):
            assert name_of(text[slice(*place.key)]) == path[-1]
        if place.value != place.key or isinstance(path[-1], int):
            written = text[slice(*place.value)]
            opened_by_header = isinstance(values[path], dict) and not written.startswith("{")
            assert opened_by_header or tomllib.loads(f"x = {written}")["x"] == values[path]


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("site",), "site", "site"),
        (("site", "name"), "name", '"hq"'),
        (("source", 0), "source", "source"),
        (("source", 1, "serial", "baud"), "baud", "9600"),
        (("source", 0, "serial", "baud"), "baud", "300"),
        (("source", 0, "allow", 1), '"b"', '"b"'),
        (("source", 1, "deep", "er"), "er", "1"),
    ],
)
def test_places_in_a_file_like_ours(path: Path, key: str, value: str) -> None:
    text = """# heading
[site]
name = "hq"  # with a comment

[[source]]
allow = ["a", # first
  "b"]
[source.serial]
baud = 300

[[source]]
serial = { parity = "N", baud = 9600 }
deep.er = 1
"""
    place = locate(text)[path]
    assert (text[slice(*place.key)], text[slice(*place.value)]) == (key, value)


def test_line_and_column_count_from_one() -> None:
    assert line_and_column("ab\ncd", 0) == (1, 1)
    assert line_and_column("ab\ncd", 4) == (2, 2)


def test_spans_are_character_offsets() -> None:
    assert locate('名 = "总机"'.replace("名", '"名"'))[("名",)].value == Span(6, 10)
