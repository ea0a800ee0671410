"""`smdr import`: a capture file into the journal, once, resumed where it was interrupted."""

from __future__ import annotations

import hashlib
import io
import time
from typing import TYPE_CHECKING, NamedTuple

from collector.assembly import accounting_of, journal_of
from collector.commands.parse import CaptureReader, first_lines, format_of
from collector.errors import UserError
from collector.projector import Projector
from collector.running import only_writer
from collector.segments import Import
from collector.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.config import Config
    from collector.journal import Journal

_CHUNK = 1 << 18


class Imported(NamedTuple):
    """What an import did. ``added`` bytes; 0 when the file was there already."""

    added: int
    resumed_at: int
    legs: int
    calls: int
    rejected: int


def import_file(
    path: Path,
    source: str,
    config: Config,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    received: float | None = None,
) -> Imported:
    """Journal ``path`` for ``source`` and project it. ``received`` stands for its receive time, now unless given.

    ``progress(done, total)`` is called with bytes. Raises `UserError` for an unknown source, a file that cannot be
    read or in whose beginning no line is a record of the source, and while a collector runs on the data folder.
    """
    named = {known.name: known for known in config.sources}
    if source not in named:
        raise UserError(f'There is no source "{source}" in {config.path}; it has: {", ".join(named)}.')
    try:
        digest = _digest(path)
        total = path.stat().st_size
        head = _head(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    with only_writer(config.site.data):
        moment = received
        journal = journal_of(config, (lambda: moment) if moment is not None else time.time)
        known = journal.imported(source, digest)
        taken = known.taken if known else 0
        projector = Projector(config, accounting_of(config))
        try:
            if known is None:
                _refuse_another(path, head, named[source].format)
            before = projector.counters(source)
            if not (known and known.complete):
                _copy(path, source, digest, taken, total, journal, progress)
            projector.project_all()
            after = projector.counters(source)
        finally:
            projector.close()
            journal.close()
    added = 0 if known and known.complete else total - taken
    return Imported(
        added,
        taken if added else 0,
        after.legs - before.legs,
        after.calls - before.calls,
        after.rejected - before.rejected,
    )


def _refuse_another(path: Path, head: bytes, format_name: str) -> None:
    """Raise `UserError` where a file begins without one record of its source: what is journalled stays for ever."""
    if format_name == "auto":
        format_of(None, first_lines(head), f"the first lines of {path}")
        return
    reader = CaptureReader(format_name, None, time.time(), path.name)
    for _ in reader.records(io.BytesIO(head)):
        if reader.summary.legs:
            return
    if reader.summary.rejected:
        raise UserError(
            f"Nothing added: {path} begins with {counted(reader.summary.rejected, 'line')} that {format_name} does not "
            f"understand, and none that it does. `smdr detect {path}` tells what the file is."
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as capture:
        return capture.read(_CHUNK)


def _copy(
    path: Path,
    source: str,
    digest: str,
    taken: int,
    total: int,
    journal: Journal,
    progress: Callable[[int, int], None],
) -> None:
    with path.open("rb") as capture:
        capture.seek(taken)
        while data := capture.read(_CHUNK):
            opened = taken == 0
            taken += len(data)
            journal.append([(source, 0, data, opened, False)], Import(source, digest, taken, complete=False))
            progress(taken, total)
    journal.append([(source, 0, b"", False, True)], Import(source, digest, taken, complete=True))


def _digest(path: Path) -> str:
    with path.open("rb") as capture:
        return hashlib.file_digest(capture, "sha256").hexdigest()
