"""Fuzz one target under atheris, or feed it inputs that were kept: ``fuzz_one.py TARGET [FILE…]``.

What follows the target's name and is no file goes to libFuzzer: its options, and folders of inputs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from fuzz_input import given


def replay(name: str, files: list[Path]) -> None:
    """Feed the target each file, saying what is in it; raises where an invariant does not hold."""
    from fuzz_targets import TARGETS  # noqa: PLC0415  (where it is fuzzed, imported under instruments)

    for file in files:
        fed = given(file.read_bytes())
        click.echo(fed)
        TARGETS[name].check(fed)


def fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz the target until libFuzzer ends the process."""
    import atheris  # noqa: PLC0415  (replaying needs no fuzzer)

    with atheris.instrument_imports(include=["collector", "parsers"]):
        from fuzz_targets import TARGETS  # noqa: PLC0415

    check = TARGETS[name].check
    atheris.Setup([sys.argv[0], *arguments], lambda fuzzed: check(given(fuzzed)))
    atheris.Fuzz()


if __name__ == "__main__":
    target, *rest = sys.argv[1:]
    kept = [Path(argument) for argument in rest if Path(argument).is_file()]
    if kept:
        replay(target, kept)
    else:
        fuzz(target, rest)
