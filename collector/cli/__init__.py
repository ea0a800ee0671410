"""The command line. Each command is a module of this package, loaded when it is asked for."""

from __future__ import annotations

import os
import sys

import click

from collector.cli.group import smdr
from collector.errors import UserError

FAILED = 1
INTERRUPTED = 130


def main() -> None:
    """Run one command and exit: 0 done, 1 an error to be fixed, 2 wrong usage, 130 interrupted."""
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: list[str]) -> int:
    """Run one command; return its exit status. Errors become a sentence on standard error."""
    try:
        return int(smdr.main(arguments, prog_name="smdr", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except UserError as error:
        return _say(str(error))
    except Exception as error:  # noqa: BLE001  (the last line of defence: no traceback reaches a user)
        return _say(sentence) if (sentence := _explained(error)) else _unexpected(error)


def _explained(error: Exception) -> str | None:
    """Return the sentence for a fault of the machine, not of ours."""
    if isinstance(error, PermissionError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}. What the collector stores is for its user: sudo -u smdr smdr …"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    segments = sys.modules.get("collector.segments")  # loading it here would slow down --help, as would the next
    if segments and isinstance(error, segments.JournalError):
        return f"{error}."
    sqlite3 = sys.modules.get("sqlite3")
    if sqlite3 and isinstance(error, sqlite3.DatabaseError):
        from collector.trouble import is_older

        if is_older(error):
            return f"A database is of an older release ({error}): the next start of the collector brings it up to date."
        return f"A database cannot be used: {error}. If it is damaged, `smdr reparse` makes calls.db anew."
    return None


def _say(sentence: str) -> int:
    click.echo(sentence, err=True)
    return FAILED


def _unexpected(error: Exception) -> int:
    """Keep the traceback of a fault of ours for a report, and tell where."""
    import tempfile
    import traceback

    if os.environ.get("SMDR_DEBUG"):
        traceback.print_exception(error)
        return FAILED
    with tempfile.NamedTemporaryFile("w", prefix="smdr-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    return _say(f"A fault in smdr itself stopped this command; please report it with the details in {log.name}.")
