"""Tables of what was measured, behind everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measuring import TABLES

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for heading, rows in TABLES.items():
        terminalreporter.write_line(f"\n{heading}")
        for name, *figures in sorted(rows, key=lambda row: float(str(row[-1]))):
            terminalreporter.write_line(f"{name:28}" + "".join(f"{figure:>16}" for figure in figures))
