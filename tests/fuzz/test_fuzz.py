"""The harnesses of `make fuzz` over their seeds and some damaged inputs, without the fuzzer; and that they can fail."""

from __future__ import annotations

import pkgutil
import random
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from fuzz_input import Given, given, seed
from fuzz_run import outcome_of
from fuzz_targets import TARGETS, fuzz_framing, fuzz_talking

from collector import conversations
from collector.blocks import BlockFramer
from collector.conversations import RECORDS, Conversation, Piece
from collector.framing import LIMIT, Frame, Framer
from collector.gathering import framer_of
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAMAGED = 300


@pytest.mark.parametrize("name", TARGETS)
def test_the_invariants_hold_for_seeds_and_damaged_inputs(name: str) -> None:
    check, seeds = TARGETS[name]
    for fuzzed in (*seeds, *damaged(seeds), b""):
        check(given(fuzzed))


def damaged(seeds: tuple[bytes, ...]) -> Iterator[bytes]:
    """Inputs such as a fuzzer makes of its seeds, the same every time."""
    chance = random.Random(1)
    for _ in range(_DAMAGED):
        _, _, data = given(chance.choice(seeds))
        _, _, other = given(chance.choice(seeds))
        for _ in range(chance.randrange(6)):
            at, size = chance.randrange(len(data) + 1), chance.randrange(40)
            put = chance.choice(
                [b"", b"\r", b"\n", b"\f", b"\0", chance.randbytes(1), data[at : at + size], other[at : at + size]]
            )
            data = data[:at] + put + data[at + chance.choice([0, 0, 1, size]) :]
        yield chance.randbytes(len(seed(b""))) + data


def test_every_conversation_is_fuzzed() -> None:
    modules = {module.name for module in pkgutil.iter_modules(conversations.__path__)}
    assert set(fuzz_talking.TALKERS) == modules
    for module in modules:
        import_module(f"collector.conversations.{module}")
    fuzzed = {type(talker.begin()) for talker in fuzz_talking.TALKERS.values()}
    assert fuzzed == _kinds_of(Conversation) - {Conversation}


def test_every_framing_that_a_format_asks_for_is_fuzzed() -> None:
    asked = {(declared.ends, declared.continued, declared.blocks) for declared in map(formats.get, formats.names())}
    assert sum(name.startswith("framing ") for name in TARGETS) == len(asked)
    assert {type(framer_of(formats.get(name))) for name in formats.names()} == {*_kinds_of(Framer), BlockFramer}


def _kinds_of(kind: type) -> set[type]:
    """A class of the product and those derived from it."""
    derived = (_kinds_of(one) for one in kind.__subclasses__() if one.__module__.startswith("collector."))
    return {kind}.union(*derived)


class Losing(Framer):
    """Loses what is held when a line end comes alone."""

    def feed(self, offset: int, data: bytes, *, opened: bool = False) -> list[Frame]:
        if data == b"\n":
            self._held = b""
        return super().feed(offset, data, opened=opened)


class Hoarding(Framer):
    """Holds lines that are too long."""

    def __init__(self, position: int, state: str, limit: int) -> None:
        super().__init__(position, state, 100 * limit)


class Forgetful(Framer):
    """Does not say that it is in the middle of a line that is too long."""

    @property
    def state(self) -> str:
        return ""


class Misplacing(Framer):
    """Takes it that nothing lies between two pieces."""

    def feed(self, offset: int, data: bytes, *, opened: bool = False) -> list[Frame]:
        return super().feed(min(offset, self.next_offset), data, opened=opened)


@pytest.mark.parametrize("faulty", [Losing, Hoarding, Forgetful, Misplacing])
def test_a_faulty_framer_is_found(faulty: type[Framer]) -> None:
    data = b"a line\n" + b"x" * 50 + b"\nanother line\r\n"
    inputs = [Given(1, [6, 7, max(cut, 7), max(cut, 7)], data) for cut in range(len(data))]

    def check(kind: type[Framer]) -> None:
        for fed in inputs:
            fuzz_framing.check(lambda position=0, state="", limit=LIMIT: kind(position, state, limit), fed)

    check(Framer)
    with pytest.raises(AssertionError):
        check(faulty)


class Swallowing(Conversation):
    """Takes bytes and hands on none."""

    def feed(self, data: bytes) -> list[Piece]:
        return [Piece(RECORDS, data[:-1])]


class Delaying(Conversation):
    """Hands on what came when the link ends."""

    def __init__(self) -> None:
        super().__init__()
        self._held = b""

    def feed(self, data: bytes) -> list[Piece]:
        self._held += data
        return []

    def finish(self) -> list[Piece]:
        return [Piece(RECORDS, self._held)]


class Hasty(Conversation):
    """Answers what nobody has said."""

    def feed(self, data: bytes) -> list[Piece]:
        self.outgoing += b"yes"
        return [Piece(RECORDS, data)]


class Chopping(Conversation):
    """Takes each piece for a record."""

    def feed(self, data: bytes) -> list[Piece]:
        return [Piece(RECORDS, data, ended=True)]


@pytest.mark.parametrize("faulty", [Swallowing, Delaying, Hasty, Chopping])
def test_a_faulty_conversation_is_found(faulty: type[Conversation]) -> None:
    syslog, fed = fuzz_talking.TALKERS["syslog"], Given(0, [7, 8, 9, 10], b"a record\n" * 1000)
    fuzz_talking.check(syslog, fed)
    with pytest.raises(AssertionError):
        fuzz_talking.check(syslog._replace(begin=faulty), fed)


def test_what_the_fuzzer_printed_is_told_in_a_line() -> None:
    printed = "#4\tDONE\nDone 71288 runs in 61 second(s)\nstat::number_of_executed_units: 71288\n"
    assert str(outcome_of("framing lines", 0, printed, 61.2)).split() == ["framing", "lines", "71,288", "61", "0"]


def test_a_finding_is_shown_with_its_input_and_how_to_see_it_again(tmp_path: Path) -> None:
    kept = tmp_path / "crash-1"
    kept.write_bytes(seed(b"made up"))
    printed = (
        f"\n === Uncaught Python exception: ===\nAssertionError: this\nTraceback: there\n\n==1== ERROR: libFuzzer\n"
        f"artifact_prefix='{tmp_path}/'; Test unit written to {kept}\nstat::number_of_executed_units: 12\n"
    )
    outcome = outcome_of("framing lines", 77, printed, 2.0)
    first, *failed = str(outcome).splitlines()
    assert first.split() == ["framing", "lines", "12", "2", "1"]
    assert failed[:2] == ["AssertionError: this", "Traceback: there"]
    assert "data=b'made up'" in failed[2]
    assert failed[3].endswith(f"fuzz_one.py 'framing lines' {kept}")


def test_a_target_that_could_not_be_fuzzed_has_failed() -> None:
    outcome = outcome_of("framing lines", 1, "ModuleNotFoundError: No module named 'atheris'", 0.1)
    assert outcome.failed == "ModuleNotFoundError: No module named 'atheris'"
