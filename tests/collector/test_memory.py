from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from collector import memory

if TYPE_CHECKING:
    from collections.abc import Iterator


class Connection:
    """Something that keeps itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_ended_is_freed_and_what_was_there_at_the_start_is_not_looked_at_again() -> None:
    at_start = weakref.ref(Connection())
    kept = Connection()
    gc.disable()
    memory.settle()
    assert at_start() is None, "what had ended by then is gone"
    assert gc.get_freeze_count() > 0
    assert all(one is not kept for one in gc.get_objects())
    later = weakref.ref(Connection())
    memory.tidy()
    gc.enable()
    assert later() is None


def test_what_stayed_for_a_while_and_then_ended_is_freed_the_next_time() -> None:
    page = Connection()
    gone = weakref.ref(page)
    gc.disable()
    memory.settle()
    del page
    assert gone() is not None
    memory.tidy()
    gc.enable()
    assert gone() is None


def test_what_ends_is_freed_little_by_little() -> None:
    before = gc.get_threshold()
    memory.free_often()
    often = gc.get_threshold()
    gc.set_threshold(*before)
    assert often[2] < before[2]
