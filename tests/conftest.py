"""Fixtures every test may use, and how many examples are tried."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

pytest_plugins = ["offices", "servers"]

settings.register_profile("exploring", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "exploring")

# A shell that runs the tests in the background has interrupts ignored, and what the tests start and interrupt inherits it.
signal.signal(signal.SIGINT, signal.default_int_handler)
