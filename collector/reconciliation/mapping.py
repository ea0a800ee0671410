"""Where a carrier's bill has what: a TOML file a person writes once per carrier."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from collector.accounting.amounts import amount_of
from collector.problems import ConfigError, Problem, choices
from collector.textfile import decode

if TYPE_CHECKING:
    from pathlib import Path


def _amount(text: str) -> str:
    amount_of(text)
    return text


class Tolerance(BaseModel):
    """How far the two sides of a call may be apart and still be the same call, or the same amount."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time_s: Annotated[int, Field(ge=0, le=3600)] = 90
    """seconds between the beginnings, once the drift of the clocks is taken off"""
    duration_s: Annotated[int, Field(ge=0, le=3600)] = 60
    """seconds between the durations: bills round up"""
    amount: Annotated[str, AfterValidator(_amount)] = "0.01"

    @property
    def money(self) -> Decimal:
        """The amount as a number."""
        return Decimal(self.amount)


class Mapping(BaseModel):
    """The headings of a bill's columns, and how their cells are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    time: str
    date: str | None = None
    """where day and time of day stand in two columns"""
    duration: str
    amount: str | None = None
    time_format: str = "%Y-%m-%d %H:%M:%S"
    """of the time, or of date and time with a blank between"""
    duration_unit: Literal["s", "min", "h:m:s"] = "s"
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    """rows above the headings"""
    area_code: str = ""
    """of this place, which bills write before local numbers"""
    tolerance: Tolerance = Tolerance()


def load_mapping(path: Path) -> Mapping:
    """Read a mapping. Raises ConfigError with all its faults."""
    try:
        data = tomllib.loads(decode(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem(path, 1, 1, f"this is not TOML: {error}")]) from None
    try:
        return Mapping.model_validate(data)
    except ValidationError as wrong:
        raise ConfigError([_problem(path, fault) for fault in wrong.errors()]) from None


def _problem(path: Path, fault: Any) -> Problem:
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return Problem(path, _line(path, key), 1, f'unknown key "{key}"', choices(key, list(Mapping.model_fields)))
    if fault["type"] == "missing":
        return Problem(path, 1, 1, f'"{key}" is missing', "name the heading of that column")
    return Problem(path, _line(path, key), 1, f"{key}: {fault['msg']}")


def _line(path: Path, key: str) -> int:
    """The line a key stands in, as far as that is easily told."""
    name = key.rpartition(".")[2]
    lines = decode(path).split("\n")
    return next((number for number, line in enumerate(lines, 1) if line.strip().startswith(name)), 1)
