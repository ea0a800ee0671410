"""Which format a capture is of: every format's decoder is tried on the first lines.

A line counts for a format by how much that line tells: a leg is worth more than a heading, a leg with a doubt less, and
a format whose layout also takes lines of other formats less than one that takes its own alone. The last is computed
from all formats' samples, never ranked by hand.
"""

from __future__ import annotations

MOST_LINES = 20
"""Lines looked at; more do not make the answer surer."""

_RECEIVED = 0.0
_BLANK = frozenset({"blank", "form-feed", "control"})
