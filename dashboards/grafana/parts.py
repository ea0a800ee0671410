"""The parts both dashboards are made of: one look for each kind of panel, one unit and colour for each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from grafana_foundation_sdk.builders import barchart, bargauge, common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

from dashboards.grafana.queries import FILTERS
from dashboards.words import WORDS, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.grafana.queries import Query
    from dashboards.words import Language

COUNT: Final = "none"
DURATION: Final = "dthms"
SECONDS: Final = "s"
SHARE: Final = "percentunit"
ERLANGS: Final = "suffix: Erl"
BYTES: Final = "decbytes"

FROM_RING_TIMES: Final = (SECONDS, SHARE)
"""Units of the columns of a table that stay empty where no ring time is reported."""

BLANK: Final = r"^\s*$"
"""Name of the series of points that lack the tag it is named by."""

CONSOLE: Final = "http://127.0.0.1:8080"
RANGE: Final = "from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}"
BAR: Final = "from=${__value.time:date:YYYY-MM-DD}&within="
"""The days of the dashboard, and those of a bar's period, as the console's page of calls takes them."""
SEARCHED: Final = frozenset({"source", "direction", "class", "department", "extension", "trunk", "carrier"})
"""Tags the console finds calls by, under the same names."""

COLOURS: Final = {
    "direction.incoming": "blue",
    "direction.outgoing": "green",
    "direction.internal": "purple",
    "direction.tandem": "orange",
    "direction.unknown": "#8e8e8e",
    "outcome.answered": "green",
    "outcome.unanswered": "red",
    "outcome.busy": "orange",
    "outcome.failed": "dark-purple",
    "class.internal": "purple",
    "class.local": "green",
    "class.mobile": "light-green",
    "class.domestic": "yellow",
    "class.hk-macau-taiwan": "orange",
    "class.international": "red",
    "class.premium": "dark-red",
    "class.service": "light-blue",
    "class.emergency": "dark-orange",
    "class.tollfree": "blue",
    "class.unknown": "#8e8e8e",
    "returned": "green",
    "not-returned": "red",
    "median": "green",
    "p90": "orange",
    "p95": "red",
}

Panel = TypeVar("Panel", stat.Panel, timeseries.Panel, table.Panel, bargauge.Panel, barchart.Panel)


class Page:
    """One dashboard in one language, filled from top to bottom.

    Every panel is named by a key: ``panel.<key>`` in the catalogue is its title and ``about.<key>``, where there is
    one, what it counts. ``always`` are conditions of all calls it is about. ``empty`` is the key of the sentence shown
    when a query returns nothing.
    """

    def __init__(self, name: str, language: Language, timezone: str, *always: str) -> None:
        self.language = language
        self._always = always
        self.board = (
            dashboard.Dashboard(self.say(f"dashboard.{name}"))
            .uid(f"smdr-{name}-{language}")
            .tags(["smdr", language])
            .timezone(timezone)
            .tooltip(models.DashboardCursorSync.CROSSHAIR)
            .week_start("monday")
            .time("now-30d", "now")
            .refresh("1m")
            .link(
                dashboard.DashboardLink(self.say("dashboards"))
                .type(models.DashboardLinkType.DASHBOARDS)
                .tags(["smdr", language])
                .include_vars(include_vars=True)
                .keep_time(keep_time=True)
            )
        )
        self._ids = 0

    def say(self, key: str) -> str:
        """Return the text of `key` in this page's language."""
        return word(key, self.language)

    def row(self, key: str) -> None:
        """Begin a titled row."""
        self.board.with_row(dashboard.Row(self.say(f"row.{key}")).id(self._next_id()))

    def add(
        self,
        panel: Panel,
        key: str,
        size: tuple[int, int],
        *queries: Query,
        unit: str = COUNT,
        empty: str = "empty.calls",
        title: str = "",
    ) -> None:
        """Place a panel of `size` (width, height) beside the last one (the grid is 24 wide) or on the next line."""
        panel.id(self._next_id()).title(title or self.say(f"panel.{key}")).span(size[0]).height(size[1])
        panel.datasource(source()).unit(unit).no_value(self.say(empty))
        if f"about.{key}" in WORDS:
            panel.description(self.say(f"about.{key}"))
        for query in queries:
            panel.with_target(query)
        self.board.with_panel(panel)

    def _next_id(self) -> int:
        self._ids += 1
        return self._ids

    def number(self, *, decimals: int = 0) -> stat.Panel:
        """Return a panel of single numbers."""
        return (
            stat.Panel()
            .decimals(decimals)
            .graph_mode(kinds.BigValueGraphMode.NONE)
            .color_mode(kinds.BigValueColorMode.NONE)
            .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        )

    def bars(self, *, stacked: bool = True) -> timeseries.Panel:
        """Return bars over time, one at each bucket's start."""
        mode = kinds.StackingMode.NORMAL if stacked else kinds.StackingMode.NONE
        return (
            timeseries.Panel()
            .draw_style(kinds.GraphDrawStyle.BARS)
            .bar_alignment(kinds.BarAlignment.AFTER)
            .fill_opacity(70)
            .line_width(0)
            .stacking(common.StackingConfig().mode(mode))
            .legend(below(["sum"] if stacked else []))
            .tooltip(all_series())
        )

    def lines(self) -> timeseries.Panel:
        """Return lines over time; a gap stays a gap."""
        return (
            timeseries.Panel()
            .draw_style(kinds.GraphDrawStyle.LINE)
            .show_points(kinds.VisibilityMode.AUTO)
            .fill_opacity(0)
            .legend(below([]))
            .tooltip(all_series())
        )

    def rows(self, *columns: tuple[str, str, str], sort: tuple[str, bool], timed: bool = False) -> table.Panel:
        """Return a table. Columns are (name in the query, key of its title, unit); `sort` is (key, descending).

        Unless `timed`, rows are sums over the range, and their time (its start) is left out.
        """
        hidden = {} if timed else {"Time": True}
        panel = (
            table.Panel()
            .sort_by([common.TableSortByFieldState().display_name(self.say(sort[0])).desc(sort[1])])
            .with_transformation(transformation("merge"))
            .with_transformation(transformation("organize", excludeByName=hidden))
        )
        if timed:
            panel.override_by_name("Time", [setting("displayName", self.say("hour"))])
        for name, key, unit in columns:
            settings = [setting("displayName", self.say(key)), setting("unit", unit)]
            if unit in FROM_RING_TIMES:
                # A table shows this in every empty cell; the panel's own sentence is for an empty table.
                settings.append(setting("noValue", self.say("not-reported")))
            panel.override_by_name(name, settings)
        return panel

    def name_rows(self, panel: table.Panel | barchart.Panel, tag: str, link: str = "") -> None:
        """Name the rows of a table by `tag` in this page's language; rows without the tag get a name too.

        A name leads to the console: to the calls of the range that have it, or by ``link`` (a key and an address).
        """
        values = {
            key.removeprefix(f"{tag}."): models.ValueMappingResult(text=self.say(key))
            for key in WORDS
            if key.startswith(f"{tag}.")
        }
        mappings: list[object] = [models.ValueMap(options=values).to_json()] if values else []
        if f"none.{tag}" in WORDS:
            text = models.ValueMappingResult(text=self.say(f"none.{tag}"))
            match = models.DashboardSpecialValueMapOptions(match=models.SpecialValueMatch.EMPTY, result=text)
            mappings.append(models.SpecialValueMap(options=match).to_json())
        settings = [setting("displayName", self.say(tag)), setting("mappings", mappings)]
        if link:
            settings.append(setting("links", [self._link("show-violations", link)]))
        elif tag in SEARCHED:
            calls = self.calls(RANGE, f"{tag}=${{__value.raw:percentencode}}")
            settings.append(setting("links", [calls]))
        panel.override_by_name(tag, settings)

    def name_series(self, panel: Panel, tag: str) -> None:
        """Name series called by the values of `tag` in this page's language, each in its colour."""
        if tag in SEARCHED:
            label = f"{tag}=${{__field.labels.{tag}:percentencode}}"
            panel.override_by_regexp(".*", [setting("links", [self.calls(BAR + "${period:raw}", label)])])
        for key in WORDS:
            if key.startswith(f"{tag}."):
                self.name_one(panel, key.removeprefix(f"{tag}."), key)
        if f"none.{tag}" in WORDS:
            panel.override_by_regexp(BLANK, [setting("displayName", self.say(f"none.{tag}"))])

    def name_one(self, panel: Panel, name: str, key: str, *calls: str) -> None:
        """Name one series by `key`, in its colour if it has one; `calls` are the conditions of those a bar leads to."""
        settings = [setting("displayName", self.say(key))]
        if calls:
            settings.append(setting("links", [self.calls(*calls)]))
        if key in COLOURS:
            settings.append(setting("color", {"mode": "fixed", "fixedColor": COLOURS[key]}))
        panel.override_by_name(name, settings)

    def calls(self, *conditions: str) -> dict[str, object]:
        """Return the link to the calls in the console that meet these, as parameters of its address."""
        return self._link("show-calls", "/calls?" + "&".join((*conditions, *self._always)))

    def _link(self, key: str, address: str) -> dict[str, object]:
        return {"title": self.say(key), "url": "${console:raw}" + address, "targetBlank": True}


def source() -> kinds.DataSourceRef:
    """Return the data source chosen on the dashboard."""
    return kinds.DataSourceRef(type_val="influxdb", uid="${datasource}")


def setting(name: str, value: object) -> models.DynamicConfigValue:
    """Return one property of an override."""
    return models.DynamicConfigValue(id_val=name, value=value)


def transformation(name: str, **options: object) -> models.DataTransformerConfig:
    """Return one step between a panel's queries and what it shows."""
    return models.DataTransformerConfig(id_val=name, options=options)


def below(calculations: list[str]) -> common.VizLegendOptions:
    """Return a legend under the panel."""
    return (
        common.VizLegendOptions()
        .display_mode(kinds.LegendDisplayMode.LIST)
        .placement(kinds.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
        .calcs(calculations)
    )


def all_series() -> common.VizTooltipOptions:
    """Return a tooltip with every series at that time."""
    return common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)


def variables(page: Page, timezone: str, *, tags: Sequence[str] = FILTERS, period: bool = True) -> None:
    """Add what a dashboard is filtered by; each choice narrows those after it."""
    page.board.with_variable(
        dashboard.DatasourceVariable("datasource")
        .label(page.say("data-source"))
        .type("influxdb")
        .current(models.VariableOption(selected=True, text="SMDR", value="smdr"))
    )
    narrowed: list[str] = []
    for tag in tags:
        page.board.with_variable(_tag_variable(page, tag, narrowed))
        narrowed.append(tag)
    if period:
        page.board.with_variable(_period_variable(page))
    page.board.with_variable(
        dashboard.TextBoxVariable("console").label(page.say("console-address")).default_value(CONSOLE)
    )
    page.board.with_variable(
        dashboard.TextBoxVariable("tz")
        .default_value(timezone)
        .current(models.VariableOption(selected=True, text=timezone, value=timezone))
        .hide(models.VariableHide.HIDE_VARIABLE)
    )


def _tag_variable(page: Page, tag: str, narrowed: Sequence[str]) -> dashboard.QueryVariable:
    where = " AND ".join(f'"{name}" =~ /^${{{name}:regex}}$/' for name in narrowed)
    text = f'SHOW TAG VALUES FROM "call" WITH KEY = "{tag}"' + (f" WHERE {where}" if where else "")
    return (
        dashboard.QueryVariable(tag)
        .label(page.say(tag))
        .datasource(source())
        .query({"refId": f"variable-{tag}", "query": text})
        .definition(text)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text=["All"], value=["$__all"]))
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.NATURAL_ASC)
    )


def _period_variable(page: Page) -> dashboard.CustomVariable:
    names = ("hour", "day", "month", "quarter", "year")
    return (
        dashboard.CustomVariable("period")
        .label(page.say("period"))
        .values(", ".join(f"{page.say(f'period.{name}')} : {name}" for name in names))
        .current(models.VariableOption(selected=True, text=page.say("period.day"), value="day"))
    )
