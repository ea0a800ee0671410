"""Comparing a bill that was uploaded with the calls, in a process of its own, and keeping what comes out."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from collector import apart
from collector.errors import UserError
from collector.office import bills

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.web.doors import Doors
    from dashboards.web.page import Console

SUFFIXES = (".csv", ".xlsx")
_LONGEST_S = 300.0
_LONGEST_NAME = 200
_turn = asyncio.Semaphore(1)
"""One after the other: a long bill takes a core for some seconds."""

FIELDS = (
    "number", "time", "date", "duration", "amount", "time_format", "duration_unit", "encoding", "delimiter", "skip_rows", "area_code",
)  # fmt: skip
TOLERANCES = ("time_s", "duration_s", "amount")
_WHOLE = ("skip_rows", "time_s", "duration_s")


def mapping_of(sent: Mapping[str, str]) -> str:
    """The mapping that was filled in, as TOML."""
    lines = [_line(key, sent[key].strip()) for key in FIELDS if sent.get(key, "").strip()]
    tolerances = [
        _line(key, sent[f"tolerance.{key}"].strip()) for key in TOLERANCES if sent.get(f"tolerance.{key}", "").strip()
    ]
    return "\n".join([*lines, *(["", "[tolerance]", *tolerances] if tolerances else []), ""])


async def compare(console: Console, doors: Doors, bill: bytes, name: str, mapping: bytes, by: str) -> int:
    """Compare a bill with the calls of its days, and keep what comes out; its number.

    Raises `UserError` with the faults of bill and mapping, each with its place.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError(f'"{name}" is neither CSV nor XLSX.')
    with tempfile.TemporaryDirectory(prefix="smdr-bill-") as made:
        folder = Path(made)
        file, mapping_file, export = folder / f"bill{suffix}", folder / "mapping.toml", folder / "export.csv"
        await asyncio.to_thread(_put, file, bill, mapping_file, mapping)
        arguments = ("--mapping", str(mapping_file), "--config", str(console.config.path.absolute()))
        try:
            async with _turn, asyncio.timeout(_LONGEST_S):
                done = await apart.run("bill", "reconcile", str(file), *arguments, "--json", "--export", str(export))
        except TimeoutError:
            raise UserError(f"Comparing took longer than {_LONGEST_S:.0f} s: take a bill of fewer days.") from None
        if not done.printed:  # its status tells as well that something differs
            raise UserError((done.error or "").replace(f"{folder}/", ""))
        drift = json.loads(done.printed)["drift_s"]
        lines = await asyncio.to_thread(bills.lines_of, export)
    number: list[int] = []
    told = mapping.decode(errors="replace")
    await doors.write(
        lambda db: number.append(
            bills.keep(db, name[-_LONGEST_NAME:], told, (drift["least"], drift["most"]), lines, by)
        )
    )
    return number[0]


def _put(file: Path, bill: bytes, mapping_file: Path, mapping: bytes) -> None:
    file.write_bytes(bill)
    mapping_file.write_bytes(mapping)


def _line(key: str, value: str) -> str:
    if key in _WHOLE and value.isascii() and value.isdigit():
        return f"{key} = {int(value)}"
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
