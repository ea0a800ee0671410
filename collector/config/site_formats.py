"""Formats of the site: the TOML files of one folder, each a format, every fault in them placed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from collector.config import positions
from collector.config.reading import placed, syntax_problem
from collector.problems import ConfigError, Problem
from collector.textfile import decode
from parsers import site

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.formats import Format


def load_formats(folder: Path) -> tuple[Format, ...]:
    """Read every ``*.toml`` file of a folder; raise ConfigError with all the problems of all of them."""
    found: dict[str, Format] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            declared = load_format(path)
        except ConfigError as wrong:
            problems += wrong.errors
            continue
        if declared.name in found:
            text = decode(path)
            fault = site.Fault(("name",), f'another file here declares "{declared.name}"', "give each its own name")
            problems.append(placed(path, text, positions.locate(text), fault))
        found[declared.name] = declared
    if problems:
        raise ConfigError(problems)
    return tuple(found.values())


def load_format(path: Path) -> Format:
    """Read one file; raise ConfigError with its problems."""
    text = decode(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([syntax_problem(path, text, error)]) from None
    try:
        return site.declared(data)
    except site.FaultyFormatError as wrong:
        places = positions.locate(text)
        raise ConfigError([placed(path, text, places, fault) for fault in wrong.faults]) from None
