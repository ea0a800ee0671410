"""``smdr web``: the console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import config_option

if TYPE_CHECKING:
    from dashboards.words import Language


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port to listen on.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate (PEM, with its chain): serve over HTTPS.",
)
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Key of the certificate, not encrypted."
)
@click.option("--language", type=click.Choice(["zh", "en"]), help="Language of the pages; the site's if not given.")
def web(
    config_path: Path, host: str, port: int, certificate: Path | None, key: Path | None, language: Language | None
) -> None:
    """Show calls, answering times and lines in a browser.

    The console reads what the collector stores and runs beside it, or without it.
    """
    from collector.config import load

    config = load(config_path, with_tables=False)
    from dashboards.web.app import serve

    if (certificate is None) != (key is None):
        raise click.UsageError("HTTPS needs both --certificate and --key.")
    files = (certificate, key) if certificate and key else None
    serve(config, host=host, port=port, language=language, certificate=files)
