"""The real daemon in processes that start fast: forked from one that has loaded it, and killed like any other."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import time
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING
from unittest.mock import patch

from collector import daemon, faultpoints
from collector.assembly import journal_of
from collector.commands import rebuilding
from collector.config import load
from collector.outputs import influxdb
from parsers.formats import families

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

_NOTHING = ModuleType("__main__")
"""In the place of the main module, which every child would run again: all of pytest."""

_forking = threading.Lock()
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    [
        "collector.commands.rebuilding",
        "collector.config",
        "collector.daemon",
        "collector.inputs.files",
        "collector.inputs.tcp",
        "collector.outputs.influxdb",
        *(family.__name__ for family in families()),
    ]
)


def start(config: Path, order: str, clock_ahead_s: int) -> ForkServerProcess:
    """``smdr run`` on a configuration, to die at the fault point ``order``; its clock is so far ahead."""
    return _forked(_run, config, order, clock_ahead_s)


def reparse(config: Path, order: str) -> ForkServerProcess:
    """``smdr reparse``, to die at the fault point ``order``."""
    return _forked(_reparse, config, order)


def _forked(work: Callable[..., None], *arguments: object) -> ForkServerProcess:
    process = _forks.Process(target=work, args=arguments, daemon=True)
    with _forking, patch.dict(sys.modules, __main__=_NOTHING):
        process.start()
        # else the next start asks how this one ended, just when another thread does, and that is told but once
        multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]
    return process


def _run(config: Path, order: str, clock_ahead_s: int) -> None:
    _prepare(config, order)
    influxdb.LINGER_S = 0.02  # a round is too short to wait for calls that could go out together
    daemon.journal_of = partial(journal_of, clock=lambda: time.time() + clock_ahead_s)
    daemon.run(load(config))


def _reparse(config: Path, order: str) -> None:
    _prepare(config, order)
    rebuilding.reparse(load(config))


def _prepare(config: Path, order: str) -> None:
    log = os.open(config.with_name("smdr.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True)
    faultpoints.arm(order)
