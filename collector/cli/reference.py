"""The reference page of the commands, written from their declarations."""

from __future__ import annotations

import inspect

import click

from collector.cli.group import smdr

_INTRODUCTION = """\
# Commands

<!-- Written by scripts/reference.py from collector/cli: change the commands there. -->

Errors are sentences on standard error. Exit status: 0 done, 1 an error to be fixed, 2 wrong usage, 130 interrupted.
`SMDR_DEBUG=1` shows the traceback of a fault of the program itself.
"""


def page() -> str:
    """Return docs/cli.md."""
    context = click.Context(smdr, info_name="smdr", **smdr.context_settings)
    return _INTRODUCTION + "".join(_sections(smdr, context))


def _sections(group: click.Group, context: click.Context) -> list[str]:
    sections = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None  # noqa: S101  (it is in the group's own list)
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            sections += _sections(command, inner)
        else:
            sections.append(_section(command, inner))
    return sections


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    described = inspect.cleandoc(command.help or "").replace("\b\n", "")
    records = [record for parameter in command.params if (record := parameter.get_help_record(context))]
    rows = "".join(f"| `{_in_cell(names)}` | {_in_cell(text)} |\n" for names, text in records)
    table = f"\n| | |\n| --- | --- |\n{rows}" if rows else ""
    return f"\n## `{context.command_path}`\n\n    {usage}\n\n{described}\n{table}"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")
