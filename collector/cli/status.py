"""``smdr status``: what every line and every output is doing, and the accounting of bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import config_option, json_option
from collector.wording import counted, to_the_second

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
        yield f"ALARM {alarm['kind']} {alarm['subject']} since {to_the_second(alarm['since'])}: {alarm['sentence']}"
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
        legs, calls = counted(source["legs"], "leg"), counted(source["calls"], "call")
        yield f"  {legs}, {calls}, {counted(source['rejected'], 'rejected line')}"
        if source["line_errors"]:
            yield (
                "  the port reports {overruns:,} bytes lost for want of time, {framing:,} framing errors,"
                " {parity:,} parity errors"
            ).format(**source["line_errors"])
        if source["last_record"]:
            drift = "" if source["drift_s"] is None else f"; the PBX clock is off by {source['drift_s']:+.0f} s"
            yield f"  last record {to_the_second(source['last_record'])}{drift}"
        if source["dates"]:
            first = "day" if source["dates"]["order"] == "dmy" else "month"
            yield f"  its dates tell that the {first} comes first ({source['dates']['certainty']:.0%} sure)"
    if now["rules"]:
        yield ""
        yield from _of_rules(now["rules"])
    for output in now["outputs"]:
        yield ""
        yield f"output {output['name']}: {output['state']}, {counted(output['lag_calls'], 'call')} to be sent"
        if output["last_error"]:
            yield f"  {output['last_error']}"


def _of_rules(rules: dict[str, Any]) -> Iterator[str]:
    due = f", {counted(rules['due'], 'day is', 'days are')} still to be judged" if rules["due"] else ""
    yield f"rules: judged {to_the_second(rules['judged']) if rules['judged'] else 'never yet'}{due}"
    if rules["open"]:
        yield "  open: " + ", ".join(f"{count:,} {rule}" for rule, count in rules["open"].items())
