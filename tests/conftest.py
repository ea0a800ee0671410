"""Fixtures every test may use, and how many examples are tried."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["offices", "servers"]

settings.register_profile("exploring", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "exploring")
