"""The group of commands: it knows their names and loads a command's module only to run or list it."""

from __future__ import annotations

from importlib import import_module, metadata
from typing import Any

import click

_LOADED_LATER: dict[str, str] = {
    "check": "collector.cli.check",
    "formats": "collector.cli.formats",
    "simulate": "collector.cli.simulate",
}
"""Where each command is declared: the module holds it under its own name."""


class LazyGroup(click.Group):
    """A group whose commands are modules."""

    def __init__(self, *args: Any, modules: dict[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names of the commands, in the order a technician needs them."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in self.modules:
            return None
        command = getattr(import_module(self.modules[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101  (what each module declares; checked by a test)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command meant; name the nearest one where there is none."""
        name = args[0]
        if name not in self.modules and not name.startswith("-"):
            from collector.problems import nearest  # noqa: PLC0415  (only needed once something is wrong)

            near = nearest(name, self.modules)
            meant = f' Did you mean "{near}"?' if near else " See smdr --help."
            raise click.UsageError(f'There is no command "{name}".{meant}', ctx)
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  (click's signature)
    if asked:
        click.echo(f"smdr {metadata.version('smdr-collector')}")
        ctx.exit()


@click.group(cls=LazyGroup, modules=_LOADED_LATER, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def smdr() -> None:
    """Collect the call records of a PBX (SMDR, CDR), and keep every byte of them."""
