"""Fixtures every test may use."""

pytest_plugins = ["offices", "servers"]
