"""The group of commands: it knows their names and loads a command's module only to run or list it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from collector.problems import nearest

_COMMANDS: dict[str, str] = {
    "ports": "collector.cli.ports:ports",
    "sniff": "collector.cli.sniff:sniff",
    "capture": "collector.cli.capture:capture",
    "anonymise": "collector.cli.anonymise:anonymise",
    "detect": "collector.cli.detect:detect",
    "explain": "collector.cli.explain:explain",
    "formats": "collector.cli.formats:formats",
    "parse": "collector.cli.parse:parse",
    "check": "collector.cli.check:check",
    "run": "collector.cli.run:run",
    "web": "collector.cli.web:web",
    "user": "collector.cli.user:user",
    "status": "collector.cli.status:status",
    "links": "collector.cli.links:links",
    "doctor": "collector.cli.doctor:doctor",
    "calls": "collector.cli.calls:calls",
    "import": "collector.cli.importing:import_",
    "report": "collector.cli.report:report",
    "budget": "collector.cli.budget:budget",
    "approval": "collector.cli.approval:approval",
    "deposit": "collector.cli.deposit:deposit",
    "receipt": "collector.cli.deposit:receipt",
    "desk": "collector.cli.desk:desk",
    "performance": "collector.cli.desk:performance",
    "violations": "collector.cli.violations:violations",
    "equipment": "collector.cli.equipment:equipment",
    "reparse": "collector.cli.rebuilding:reparse",
    "directory": "collector.cli.directory:directory",
    "numbers": "collector.cli.numbers:numbers",
    "tables": "collector.cli.tables:tables",
    "rate": "collector.cli.rating:rate",
    "rerate": "collector.cli.rating:rerate",
    "bill": "collector.cli.bill:bill",
    "reexport": "collector.cli.rebuilding:reexport",
    "verify": "collector.cli.keeping:verify",
    "backup": "collector.cli.keeping:backup",
    "restore": "collector.cli.keeping:restore",
    "retention": "collector.cli.keeping:retention",
    "repair": "collector.cli.repairing:repair",
    "influx": "collector.cli.influx:influx",
    "dashboards": "collector.cli.dashboards:dashboards",
    "demo": "collector.cli.demo:demo",
    "simulate": "collector.cli.simulate:simulate",
}
"""Where each command is declared, as module:name, in the order a technician meets them."""


class LazyGroup(click.Group):
    """A group whose commands are modules."""

    def __init__(self, *args: Any, places: dict[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names of the commands."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command meant; name the nearest one where there is none."""
        name = args[0]
        if name not in self.places and not name.startswith("-"):
            near = nearest(name, self.places)
            meant = f' Did you mean "{near}"?' if near else " See smdr --help."
            raise click.UsageError(f'There is no command "{name}".{meant}', ctx)
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  (click's signature)
    if asked:
        from importlib import metadata

        click.echo(f"smdr {metadata.version('smdr-collector')}")
        ctx.exit()


@click.group(cls=LazyGroup, places=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def smdr() -> None:
    """Collect the call records of a PBX (SMDR, CDR), and keep every byte of them."""
