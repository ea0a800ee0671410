"""Tiles: single figures at the top of a page, each with its change."""

from __future__ import annotations

from dashboards.web.markup import Markup, tag

MANIFOLD = 10
"""From this factor on a change is written as one and not in percent."""


def key_figure(label: str, value: str, difference: Markup, note: str, unit: str = "") -> Markup:
    """Return one figure with what it is, its unit, its change and what it is counted from."""
    return tag(
        "div",
        tag("span", label, class_="label"),
        tag("div", tag("b", value), tag("small", unit), difference, class_="value"),
        tag("span", note, class_="note"),
        class_="kpi",
    )


def change(now: float | None, before: float | None) -> Markup:
    """Return by how much a figure differs from the one before, nothing where there was nothing before."""
    if not before or now is None:
        return Markup()
    part = now / before
    arrow = "▲" if part > 1 else "▼" if part < 1 else "="
    size = f"× {part:.0f}" if part >= MANIFOLD else f"{abs(part - 1) * 100:.1f} %"  # noqa: RUF001  (times)
    return tag("span", f"{arrow} {size}", class_="change")
