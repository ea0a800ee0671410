"""No expression takes longer than in proportion to the line, whatever the line.

What makes an expression slow is a run of one character that two of its repeats can share between them, in as many ways
as the run is long: all are tried before the line is refused. A possessive repeat (``*+``) gives nothing back. It is seen
from the expression, so that no clock decides.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from parsers import formats, site
from parsers.layout import Delimited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parsers.formats import Format

_OF_SITES = (Path(__file__).parents[1] / "parsers" / "site_formats").glob("*.toml")
_DECLARED = [*map(formats.get, formats.names()), *(site.declared(tomllib.loads(at.read_text())) for at in _OF_SITES)]
ALL = [pytest.param(declared, id=declared.name) for declared in _DECLARED]
_CHARACTERS = "".join(map(chr, range(256)))
_OF_EVERY_KIND = " 0aA_-\t\xa0\xe9"
_MANY = 100
"""Fewer repeats of one thing cannot take long."""


class Runs(NamedTuple):
    """What a part of an expression does with a run of one character.

    ``takes``: it can match some of it, if only nothing; ``eats``: at least one. ``grows``: it can begin with as much of
    it as there is. ``gives``: it can end with as much, and with less when what follows does not match. ``slow``: two
    repeats in it share a run.
    """

    takes: bool
    eats: bool = False
    grows: bool = False
    gives: bool = False
    slow: bool = False


def sequence(parsed: Sequence[Any], character: str) -> Runs:
    """What parts do one behind the other."""
    parts = [part(operator, argument, character) for operator, argument in parsed]
    takes, eats, grows, gives, slow = True, False, False, False, False
    for one in parts:
        slow = slow or one.slow or (gives and one.grows)
        grows = grows or (takes and one.grows)
        gives = one.gives or (gives and one.takes)
        takes, eats = takes and one.takes, eats or one.eats
    return Runs(takes, takes and eats, grows, gives, slow)


def part(operator: Any, argument: Any, character: str) -> Runs:
    """What one part does."""
    kind = str(operator)
    if kind == "BRANCH":
        return Runs(*map(any, zip(*(sequence(way, character) for way in argument[1]), strict=True)))
    if kind in {"ASSERT", "ASSERT_NOT"}:
        return Runs(takes=True, slow=sequence(argument[1], character).slow)
    if kind in {"AT", "GROUPREF"}:
        return Runs(takes=True)
    if kind.endswith("_REPEAT"):
        runs = repeat(*argument, character)
    elif kind in {"SUBPATTERN", "ATOMIC_GROUP"}:
        runs = sequence(argument[-1] if kind == "SUBPATTERN" else argument, character)
    else:
        eaten = character in _eaten(operator, tuple(argument) if isinstance(argument, list) else argument)
        runs = Runs(takes=eaten, eats=eaten)
    return runs._replace(gives=False) if kind in {"POSSESSIVE_REPEAT", "ATOMIC_GROUP"} else runs


def repeat(least: int, most: int, body: Sequence[Any], character: str) -> Runs:
    """What a repeated part does."""
    once = sequence(body, character)
    endless = most >= _MANY and least != most
    slow = once.slow or (most > 1 and once.gives and once.grows) or (endless and once.eats and once.gives)
    return Runs(
        takes=least == 0 or once.takes,
        eats=once.eats,
        grows=once.grows or (endless and once.eats),
        gives=once.gives or (endless and once.eats),
        slow=slow,
    )


@cache
def _eaten(operator: Any, argument: Any) -> frozenset[str]:
    """The characters that a part of one character matches."""
    state = re._parser.State()
    state.flags, state.str = int(re.DOTALL | re.UNICODE), ""
    single = re._parser.SubPattern(state, [(operator, list(argument) if isinstance(argument, tuple) else argument)])
    return frozenset(filter(re._compiler.compile(single).fullmatch, _CHARACTERS))


def shared(expression: str) -> str:
    """The characters a run of which takes an expression longer than in proportion."""
    parsed = re._parser.parse(expression, re.DOTALL)
    return "".join(
        character for character in sorted({*expression, *_OF_EVERY_KIND}) if sequence(parsed, character).slow
    )


def expressions(declared: Format) -> Iterator[str]:
    """Those of a format that are matched against a line of any length."""
    yield from (expression for expression, _ in declared.noise)
    if declared.continued:
        yield from (expression for expression, _ in declared.continued.first)
        yield declared.continued.further
    for layout in declared.layouts:
        if isinstance(layout, Delimited):
            other = f"[^{re.escape(layout.separator)}]*+"
            yield re.escape(layout.separator).join(field.cell or other for field in layout.fields)


@pytest.mark.parametrize("declared", ALL)
def test_no_two_repeats_share_a_run(declared: Format) -> None:
    assert not {expression: run for expression in expressions(declared) if (run := shared(expression))}


@pytest.mark.parametrize("declared", ALL)
def test_a_beginning_that_is_looked_for_everywhere_is_short(declared: Format) -> None:
    assert re._parser.parse(declared.begins).getwidth()[1] < _MANY


@pytest.mark.parametrize(
    ("expression", "run"),
    [
        (r" *\d* *", " "),
        (r" *+\d*+ *+", ""),
        (r" *\d+ *", ""),
        (r"[A-Z]{4,}[A-Z ]*$", "AZ"),
        (r"[A-Z]{4}[A-Z ]*$", ""),
        (r"(?= *[a ]+$)x", " "),
        (r"(?:a+)+b", "a"),
        (r"(?:a++)+b", ""),
        (r"(?:a*xa*)*b", "a"),
        (r"(?:a*x)*a", ""),
        (r"(?:x|b*)(?:b|y)+", "b"),
    ],
)
def test_a_run_that_two_repeats_share_is_seen(expression: str, run: str) -> None:
    assert shared(expression) == run
