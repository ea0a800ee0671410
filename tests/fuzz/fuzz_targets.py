"""Everything that is fuzzed, by name."""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1]
sys.path += [str(_TESTS / folder) for folder in ("parsers", "collector", "collector/conversations")]

import fuzz_decoding  # noqa: E402  (found by the line above)
import fuzz_framing  # noqa: E402
import fuzz_talking  # noqa: E402

TARGETS = fuzz_framing.targets() | fuzz_talking.targets() | fuzz_decoding.targets()
