# ruff: noqa: INP001  (a script, not a package)
"""Write the pages under docs/ that come from declarations. Run it after changing a command or a configuration key."""

from pathlib import Path

from collector.cli import reference as commands
from collector.config import reference as configuration

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    DOCS / "configuration.md": configuration.page,
    DOCS / "sample.toml": configuration.sample,
    DOCS / "cli.md": commands.page,
}

if __name__ == "__main__":
    for file, page in PAGES.items():
        file.write_text(page(), encoding="utf-8")
