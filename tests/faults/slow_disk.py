"""`smdr` on a machine whose disk takes a second for every commit of the journal."""

import time

from collector.cli import main
from collector.journal import Journal

_append = Journal.append


def _append_slowly(self: Journal, *arguments: object) -> None:
    time.sleep(1)
    _append(self, *arguments)  # type: ignore[arg-type]


Journal.append = _append_slowly  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
