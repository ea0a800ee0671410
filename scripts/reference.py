# ruff: noqa: INP001  (a script, not a package)
"""Write what the documents say from declarations: whole pages, and the marked parts of others.

Run it after changing a command, a configuration key, a format or a reason.
"""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from collector.cli import reference as commands
from collector.config import reference as configuration
from parsers import reference as formats

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CAPTURES = ROOT / "tests/golden/captures.json"


def filled(file: Path, parts: dict[str, Callable[[], str]]) -> str:
    """Return a page with each part, marked ``<!-- name: … -->`` to ``<!-- end of name -->``, written anew."""
    text = file.read_text(encoding="utf-8")
    for name, part in parts.items():
        marked = re.compile(rf"(<!-- {name}: [^\n]*-->\n\n).*(\n<!-- end of {name} -->)", re.DOTALL)
        text, found = marked.subn(lambda match, part=part: match[1] + part() + match[2], text)
        if found != 1:
            raise ValueError(f"{file} has no part {name}, or several")
    return text


PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "configuration.md": configuration.page,
    DOCS / "sample.toml": configuration.sample,
    DOCS / "cli.md": commands.page,
    DOCS / "formats.md": formats.page,
    DOCS / "verified.md": lambda: formats.verified(json.loads(CAPTURES.read_text(encoding="utf-8"))),
    DOCS / "records.md": partial(filled, DOCS / "records.md", {"reasons": formats.reasons, "noise": formats.noise}),
    ROOT / "README.md": partial(filled, ROOT / "README.md", {"formats": formats.table}),
}

if __name__ == "__main__":
    for file, page in PAGES.items():
        file.write_text(page(), encoding="utf-8")
