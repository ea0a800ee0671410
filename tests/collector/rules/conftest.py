from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from court import Court

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return Court(tmp_path)
