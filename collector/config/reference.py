"""The reference page and the sample file, written from the declarations that also check a configuration."""

from __future__ import annotations

import inspect
import textwrap
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import PydanticUndefined

from collector.accounting import departments, directory, plan
from collector.config.link import FORMS
from collector.config.model import (
    Accounting,
    Alarms,
    Backups,
    Branch,
    Calendar,
    Ldap,
    Metrics,
    Office,
    Output,
    PublishedReport,
    Retention,
    Rules,
    Serial,
    Site,
    Source,
    Table,
)
from collector.config.reading import literals, to_toml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from pydantic.fields import FieldInfo

_TABLES: tuple[tuple[str, type[Table]], ...] = (
    ("[site]", Site),
    ("[[branch]]", Branch),
    ("[[source]]", Source),
    ("serial", Serial),
    ("[[output]]", Output),
    ("[calendar]", Calendar),
    ("[alarms]", Alarms),
    ("[metrics]", Metrics),
    ("[backup]", Backups),
    ("[retention]", Retention),
    ("[[report]]", PublishedReport),
    ("[office]", Office),
    ("[ldap]", Ldap),
    ("[accounting]", Accounting),
    ("[rules]", Rules),
)

_INTRODUCTION = """\
# Configuration

<!-- Written by scripts/reference.py from collector/config/model.py: change the declarations there. -->

One TOML file configures the collector and the console. Relative paths are relative to the file. `smdr check -c FILE`
shows every error in it at once, each with its line, its column and what to write instead. A file to start from:
[sample.toml](sample.toml).
"""


_DIRECTORY = """\
    extension,department,person,post,may_call,from,until,site
    201,Sales,First Person,manager,,2025-01-01,2026-03-31,
    201,Sales,Second Person,,local mobile domestic,2026-04-01,,
    202,Lobby,,,internal emergency,,,
"""


_DEPARTMENTS = """\
    department,above,from,until
    Company,,,
    Sales,Company,,
    Shop,Sales,,2025-12-31
    Shop,Company,2026-01-01,
"""


def page() -> str:
    """Return docs/configuration.md."""
    parts = [_INTRODUCTION]
    for title, table in _TABLES:
        parts.append(f"## `{title}`\n\n{_summary(table)}\n\n{_keys(table)}")
    parts.append(
        "## Inputs\n\n" + _grid(("input", "what it is"), [(f"`{form}`", what) for form, what in FORMS.values()])
    )
    parts.append(f"## The directory\n\n{_described(directory)}\n\n{_DIRECTORY}")
    parts.append(f"## The departments\n\n{_described(departments)}\n\n{_DEPARTMENTS}")
    parts.append(f"## The number plan\n\n{_described(plan)}\n\nClasses: {', '.join(plan.CLASSES)}.\n")
    return "\n".join(parts)


def sample() -> str:
    """Return docs/sample.toml: what must be given filled in, everything else commented out with its default."""
    lines = ["# A configuration to start from. Check yours with: smdr check -c FILE"]
    for title, table in _TABLES:
        if title == "serial":
            continue  # shown on its own line within its source
        off = "# " if table is Branch else ""  # to start from, there is one site
        lines += ["", f"# {_summary(table)}", f"{off}{title}"]
        for key, field in table.model_fields.items():
            lines += textwrap.wrap(str(field.description), 100, initial_indent="# ", subsequent_indent="# ")
            lines.append(off + _sample_line(key, field).removeprefix(off))
    return "\n".join(lines) + "\n"


def _sample_line(key: str, field: FieldInfo) -> str:
    if field.examples and (field.is_required() or key in ("format", "database", "folder")):
        return f"{key} = {to_toml(field.examples[0])}"
    if isinstance(field.default, Serial):
        settings = ", ".join(f"{name} = {to_toml(value)}" for name, value in field.default)
        return f"{key} = {{ {settings} }}"
    values = field.examples or [field.default, *literals(field.annotation)]
    example = next(value for value in values if value is not None)
    return f"# {key} = {to_toml(example)}"


def _summary(table: type[Table]) -> str:
    return inspect.getdoc(table) or ""


def _described(module: ModuleType) -> str:
    """Return what a module's docstring says below its first line."""
    _, _, described = (inspect.getdoc(module) or "").partition("\n\n")
    return described


def _keys(table: type[Table]) -> str:
    rows = [
        (f"`{key}`", _kind(field.annotation), _default(field), str(field.description))
        for key, field in table.model_fields.items()
    ]
    return _grid(("key", "value", "default", "meaning"), rows)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be given"
    if field.default is None:
        return ""
    return "as below" if isinstance(field.default, Table) else f"`{to_toml(field.default)}`"


def _kind(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return ", ".join(f"`{to_toml(choice)}`" for choice in inner)
    if origin in (types.UnionType, typing.Union):  # the latter from Annotated | None
        return " or ".join(_kind(part) for part in inner if part is not types.NoneType)
    if origin is tuple:
        return f"list of {_kind(inner[0])}"
    names = {str: "text", int: "whole number", bool: "`true`, `false`", Path: "path", Serial: "table"}
    return names[annotation]


def _grid(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
