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
