"""Fixtures every test may use, and how many examples are tried."""

from __future__ import annotations

import gc
import os
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["offices", "servers"]

settings.register_profile("exploring", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "exploring")

# A shell that runs the tests in the background has interrupts ignored, and what the tests start and interrupt inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """After a file, look for garbage and then never again in what is left: the truth of three years of calls is a gigabyte.

    Every round of the interpreter through that takes seconds, and a test that makes many objects leads to many.
    """
    yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that may take long: as the last one such a file would run while the other processes idle."""
    may_take: Counter[Path] = Counter()
    for item in items:
        mark = item.get_closest_marker("timeout")
        may_take[item.path] = max(may_take[item.path], mark.args[0] if mark else 0)
    items.sort(key=lambda item: -may_take[item.path])
