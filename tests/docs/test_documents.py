"""The documents are true: what they show is what the product prints, accepts and contains."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from typing import TYPE_CHECKING

import click
import pytest
from documents import DOCUMENTS, ROOT, anchors, blocks, links, messages, named
from terminal import Terminal, commands, fits

from collector.cli.group import smdr
from collector.config import load
from collector.config.site_formats import load_format
from collector.reconciliation.mapping import load_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EACH = pytest.mark.parametrize("document", [pytest.param(file, id=str(file.relative_to(ROOT))) for file in DOCUMENTS])
NAMED_FILE = re.compile(r"# ([\w./-]+\.(?:toml|csv|log))\n")
SOURCE = {"name": "pbx1", "input": "stdin:"}
TABLES = (
    "site",
    "branch",
    "source",
    "output",
    "calendar",
    "alarms",
    "metrics",
    "backup",
    "report",
    "retention",
    "office",
    "ldap",
    "accounting",
    "rules",
)
SITE = '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\n'


@EACH
def test_what_is_typed_prints_what_is_shown(document: Path, tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        for block in blocks(document, "console", "toml", "csv", "text"):
            if saved := NAMED_FILE.match(block.text):
                terminal.write(saved[1], block.text if block.language != "text" else block.text[saved.end() :])
            for command in commands(block):
                printed, shown = terminal.type(command)
                assert fits(printed, shown), f"{document.name}:{command.line}: $ {command.typed}\n{printed}"


@EACH
def test_every_configuration_is_right(document: Path, tmp_path: Path) -> None:
    for block in blocks(document, "csv"):
        if saved := NAMED_FILE.match(block.text):
            (tmp_path / saved[1]).write_text(block.text, encoding="utf-8")
    for block in blocks(document, "toml"):
        file = tmp_path / "shown.toml"
        saved = NAMED_FILE.match(block.text)
        if saved and "/" in saved[1]:
            file = tmp_path / saved[1]
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            load_format(file)
            continue
        if saved and saved[1] == "mapping.toml":
            file.write_text(block.text, encoding="utf-8")
            load_mapping(file)
            continue
        file.write_text(_completed(block.text), encoding="utf-8")
        load(file)


def _completed(text: str) -> str:
    """A configuration of which a document shows only a part: keys outside any table are those of a source."""
    shown = tomllib.loads(text)
    loose = [key for key, value in shown.items() if key not in TABLES]
    missing = "".join(f'{key} = "{value}"\n' for key, value in SOURCE.items() if key not in loose)
    if loose:
        return f"{SITE}[[source]]\n{missing}{text}"
    return ("" if "site" in shown else SITE) + text + ("" if "source" in shown else f"\n[[source]]\n{missing}")


@EACH
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    for link in links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path) if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@EACH
def test_what_is_named_exists(document: Path) -> None:
    for name in named(document):
        if re.fullmatch(r"(collector|parsers|dashboards|fixtures|tests|docs|scripts|deploy)/[\w./*-]+", name):
            assert list(ROOT.glob(name.rstrip("/"))), name
        if typed := re.match(r"smdr ([a-z]+)(?: ([a-z][a-z-]*))?", name):
            command = smdr.get_command(click.Context(smdr), typed[1])
            assert command, name
            if isinstance(command, click.Group) and typed[2]:
                assert typed[2] in command.commands, name


def test_every_command_is_documented() -> None:
    described = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    for name in smdr.list_commands(click.Context(smdr)):
        assert f"## `smdr {name}" in described


def test_every_dependency_has_its_reason() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*declared["dependencies"], *declared["optional-dependencies"]["test"]]
    names = {re.split(r"[^\w-]", one)[0] for one in needed}
    assert names <= set(named(ROOT / "README.md"))


def test_every_page_is_in_the_index() -> None:
    index = set(links(ROOT / "docs/README.md"))
    pages = {file.name for file in (ROOT / "docs").glob("*.md")}
    assert pages - {"README.md"} <= index


def test_generated_parts_are_current() -> None:
    for file, page in runpy.run_path(str(ROOT / "scripts/reference.py"))["PAGES"].items():
        assert file.read_text(encoding="utf-8") == page(), f"{file}: run scripts/reference.py"


@EACH
def test_every_message_is_one_the_product_prints(document: Path) -> None:
    texts = {text for package in ("collector", "dashboards") for text in _texts(package)}
    for message in messages(document):
        begins = re.compile(re.escape(message).replace("…", ".*"))
        assert any(begins.match(text) for text in texts), message


def _texts(package: str) -> Iterator[str]:
    """Every text in the code of a package; what is filled in, and quoted, stands as ``…``."""
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"%[sd]", "…", node.value)
