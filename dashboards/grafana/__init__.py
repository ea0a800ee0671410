"""The Grafana dashboards, built from one description in both languages.

`build` returns the JSON that is committed under ``generated/`` and that Grafana reads by file provisioning;
`write` brings the committed files up to date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana.answering import answering
from dashboards.grafana.collector import collector
from dashboards.grafana.compliance import compliance
from dashboards.grafana.cost import cost
from dashboards.grafana.people import people
from dashboards.grafana.traffic import traffic
from dashboards.grafana.trunks import trunks

if TYPE_CHECKING:
    from dashboards.words import Language

TIMEZONE = "Asia/Shanghai"
GENERATED = Path(__file__).with_name("generated")
PAGES = {
    "traffic": traffic,
    "answering": answering,
    "people": people,
    "trunks": trunks,
    "cost": cost,
    "compliance": compliance,
    "collector": collector,
}
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def build(timezone: str = TIMEZONE) -> dict[str, str]:
    """Build every dashboard: path below ``generated/`` (``en/traffic.json``) -> JSON text.

    `timezone` is the site's IANA zone: days, months and years begin there, and times are shown in it.
    """
    pages = {
        f"{language}/{name}.json": make(language, timezone) for language in LANGUAGES for name, make in PAGES.items()
    }
    return {
        path: json.dumps(page.board.build(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"
        for path, page in pages.items()
    }


def write(folder: Path = GENERATED, timezone: str = TIMEZONE) -> list[Path]:
    """Write the dashboards below `folder`; returns the files whose text changed."""
    changed = []
    for path, text in build(timezone).items():
        file = folder / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    return changed
