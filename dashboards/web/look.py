"""Colours of the console. A direction or an outcome has the same colour on every page and in both themes."""

from __future__ import annotations

from typing import NamedTuple


class Theme(NamedTuple):
    """What a chart needs to know of the page it is drawn on; the style sheet has the same values."""

    dark: bool
    text: str
    dim: str
    line: str
    card: str
    accent: str
    empty: str
    heat: tuple[str, ...]


LIGHT = Theme(
    dark=False,
    text="#1f2937",
    dim="#56657a",
    line="#e2e8f0",
    card="#ffffff",
    accent="#2563b0",
    empty="#eef2f6",
    heat=("#f1f5f9", "#cfe0f3", "#8fb8e3", "#4a86c9", "#1f4f8f"),
)
DARK = Theme(
    dark=True,
    text="#e2e8f0",
    dim="#94a3b8",
    line="#2b3543",
    card="#1a212b",
    accent="#6ea8ea",
    empty="#232c38",
    heat=("#202935", "#24405f", "#2c649c", "#4b93dc", "#a6d0ff"),
)

DIRECTIONS = {
    "incoming": "#3b7dd8",
    "outgoing": "#1f9d8b",
    "internal": "#8b7fc7",
    "tandem": "#c98a2b",
    "unknown": "#94a3b8",
}
OUTCOMES = {
    "answered": "#2f9e62",
    "unanswered": "#dd8a1f",
    "busy": "#8b7fc7",
    "failed": "#d1495b",
    "unknown": "#94a3b8",
}
CLASSES = {
    "internal": "#8b7fc7",
    "local": "#2f9e62",
    "mobile": "#5fb98a",
    "domestic": "#c98a2b",
    "hk-macau-taiwan": "#dd6a1f",
    "international": "#d1495b",
    "premium": "#8f2d56",
    "service": "#5b8fb9",
    "emergency": "#b4532a",
    "tollfree": "#3b7dd8",
    "unknown": "#94a3b8",
}
PERCENTILES = {"median": "#3b7dd8", "p90": "#c98a2b", "p95": "#d1495b"}
TALK = "#5b8fb9"
ERLANGS = "#c2557a"
BEFORE = "#94a3b8"
