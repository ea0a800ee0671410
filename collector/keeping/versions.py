"""Every version of a table that was in force: copies in the folder ``tables`` of the data, named by their SHA-256.

``in-force.jsonl`` beside them has a line for each change, oldest first: since when, which table, which version.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.plan import BY_COUNTRY, plan_file
from collector.errors import UserError
from collector.files import put

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from collector.config import Config

_FOLDER = "tables"
_LOG = "in-force.jsonl"

_NAMED_BY = {
    "plan": ("site", "plan"),
    "directory": ("site", "directory"),
    "departments": ("site", "departments"),
    "tariff": ("accounting", "tariff"),
    "calendar": ("calendar", "exceptions"),
    "budgets": ("office", "budgets"),
    "roster": ("office", "roster"),
    "codes": ("office", "codes"),
}
"""Where a configuration names each table."""
_OF_BRANCH = {"plan": "plan", "tariff": "tariff", "calendar": "exceptions"}
"""Where a branch names those of its own."""


class Version(NamedTuple):
    """A table as it was in force from ``since`` (POSIX seconds) on; without ``sha256``, from when there was none."""

    since: float
    table: str
    sha256: str


def files_of(config: Config) -> dict[str, Path]:
    """The files of all tables a configuration names, a built-in number plan among them."""
    named = {table: getattr(getattr(config, part), key) for table, (part, key) in _NAMED_BY.items()}
    named["plan"] = None if config.site.plan == BY_COUNTRY else plan_file(config.site.plan)
    for branch in config.branches:
        for table, key in _OF_BRANCH.items():
            file = getattr(branch, key)
            if file != BY_COUNTRY:
                named[_at(table, branch.name)] = file and (plan_file(file) if table == "plan" else file)
    return {table: file for table, file in named.items() if file}


def as_last_in_force(config: Config) -> Config:
    """A configuration that names, for each of its tables, the copy of what was in force last. Raises OSError."""
    last = in_force(config.site.data, math.inf)
    changed: defaultdict[str, dict[str, Path]] = defaultdict(dict)
    known = files_of(config).keys() & last.keys()
    for table in known & _NAMED_BY.keys():
        part, key = _NAMED_BY[table]
        changed[part][key] = _copy(config.site.data, last[table])
    parts = {part: getattr(config, part).model_copy(update=keys) for part, keys in changed.items()}
    branches = []
    for branch in config.branches:
        own = {key: _at(table, branch.name) for table, key in _OF_BRANCH.items()}
        copies = {key: _copy(config.site.data, last[table]) for key, table in own.items() if table in known}
        branches.append(branch.model_copy(update=copies))
    return replace(config, branches=tuple(branches), **parts)


def _at(table: str, branch: str) -> str:
    """What a branch's own table is called among those of all sites."""
    return f"{table} of {branch}"


def keep(data: Path, contents: Mapping[str, bytes], at: float) -> list[str]:
    """Keep the tables that are in force from now on; the names of those that are others than before.

    Killed in the middle, the versions before are still those in force. Raises OSError.
    """
    before = versions(data)
    last = {version.table: version.sha256 for version in before}
    now = {table: hashlib.sha256(content).hexdigest() for table, content in contents.items()}
    changed = [
        Version(at, table, now.get(table, "")) for table in {**last, **now} if last.get(table) != now.get(table, "")
    ]
    if not changed:
        return []
    folder = data / _FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for version in changed:
        if version.sha256:
            put(_copy(data, version), contents[version.table])
    lines = [json.dumps(version._asdict()) + "\n" for version in (*before, *changed)]
    put(folder / _LOG, "".join(lines).encode())
    return [version.table for version in changed]


def versions(data: Path) -> list[Version]:
    """Every version that came into force, oldest first. Raises OSError."""
    try:
        lines = (data / _FOLDER / _LOG).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Version(**json.loads(line)) for line in lines]


def in_force(data: Path, at: float) -> dict[str, Version]:
    """The versions that were in force at a moment, by table."""
    then = {version.table: version for version in versions(data) if version.since <= at}
    return {table: version for table, version in then.items() if version.sha256}


def content(data: Path, version: Version) -> bytes:
    """A version as it was. Raises `UserError` where its copy is gone or is not what it was."""
    file = _copy(data, version)
    try:
        found = file.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{file} is gone: this version of the {version.table} cannot be had any more.") from None
    if hashlib.sha256(found).hexdigest() != version.sha256:
        raise UserError(f"{file} is damaged: its SHA-256 is not its name. Take it from a backup.")
    return found


def _copy(data: Path, version: Version) -> Path:
    return data / _FOLDER / f"{version.sha256}.csv"
