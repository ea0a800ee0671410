"""``smdr doctor``: what the collector stands on, looked at, with a fix for each finding."""

from __future__ import annotations

import json
from pathlib import Path

import click

from collector.cli.options import config_option, json_option
from collector.wording import counted

_MARKS = {"ok": "  ok     ", "note": "  note   ", "problem": "PROBLEM  "}


@click.command()
@config_option
@json_option
@click.option("--grafana", metavar="URL", help="Look at this Grafana, too.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with the token of a service account there.")
def doctor(config_path: Path, grafana: str | None, token_file: Path | None, *, as_json: bool) -> None:
    """Look at everything the collector stands on.

    Disk, databases, clock, time zone, ports, permissions, and the servers calls go to; each finding comes with what to
    do. Nothing is changed, and no PBX is connected to. Exit status 1 if there is a problem.
    """
    from collector.commands.doctor import examine
    from collector.config import load

    findings = []
    for finding in examine(load(config_path), grafana, token_file):
        findings.append(finding)
        if not as_json:
            click.echo(f"{_MARKS[finding.verdict]}{finding.what}: {finding.sentence}")
            if finding.fix:
                click.echo(f"           -> {finding.fix}")
    problems = sum(finding.verdict == "problem" for finding in findings)
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False))
    else:
        click.echo(f"\n{counted(problems, 'problem')}.")
    raise SystemExit(1 if problems else 0)
