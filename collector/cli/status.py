"""``smdr status``: what every line and every output is doing, and the accounting of bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import config_option, json_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@click.command()
@config_option
@json_option
def status(config_path: Path, *, as_json: bool) -> None:
    """Show the state of every line and output.

    For each source the bytes received equal those in records, in rejected lines and in noise, and those not yet
    interpreted: nothing is dropped.
    """
    from collector import status as state
    from collector.config import load

    now = state.read(load(config_path, with_tables=False))
    if as_json:
        click.echo(json.dumps(now, ensure_ascii=False))
        return
    for line in _lines(now):
        click.echo(line)


def _lines(now: dict[str, Any]) -> Iterator[str]:
    yield "The collector is running." if now["running"] else "The collector is not running."
    yield from now["trouble"]
    for alarm in now["alarms"]:
        yield f"ALARM {alarm['kind']} {alarm['subject']} since {alarm['since']}: {alarm['sentence']}"
    for source in now["sources"]:
        yield ""
        yield f"source {source['name']}: {source['state']}, {source['format']} from {source['input']}"
        if source["detail"] and now["running"]:
            yield f"  {source['detail']}"
        count = source["bytes"]
        yield (
            f"  {count['received']:,} bytes received = {count['records']:,} in records"
            f" + {count['rejected']:,} rejected + {count['noise']:,} noise + {count['pending']:,} pending"
        )
        yield f"  {source['legs']:,} legs, {source['calls']:,} calls, {source['rejected']:,} rejected lines"
        if source["line_errors"]:
            yield (
                "  the port reports {overruns:,} bytes lost for want of time, {framing:,} framing errors,"
                " {parity:,} parity errors"
            ).format(**source["line_errors"])
        if source["last_record"]:
            drift = "" if source["drift_s"] is None else f"; the PBX clock is off by {source['drift_s']:+.0f} s"
            yield f"  last record {source['last_record']}{drift}"
        if source["dates"]:
            first = "day" if source["dates"]["order"] == "dmy" else "month"
            yield f"  its dates tell that the {first} comes first ({source['dates']['certainty']:.0%} sure)"
    if now["rules"]:
        yield ""
        yield from _of_rules(now["rules"])
    for output in now["outputs"]:
        yield ""
        yield f"output {output['name']}: {output['state']}, {output['lag_calls']:,} calls to be sent"
        if output["last_error"]:
            yield f"  {output['last_error']}"


def _of_rules(rules: dict[str, Any]) -> Iterator[str]:
    due = f", {rules['due']:,} days are still to be judged" if rules["due"] else ""
    yield f"rules: judged {rules['judged'] or 'never yet'}{due}"
    if rules["open"]:
        yield "  open: " + ", ".join(f"{count:,} {rule}" for rule, count in rules["open"].items())
