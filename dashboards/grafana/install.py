"""Installing the dashboards into a running Grafana, through its HTTP API.

A folder, a data source and the dashboards, each under an identifier of ours: what is there already is found again,
so running it twice changes nothing. An existing data source is left as it is, since somebody may have corrected its
address or its login.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, GrafanaUnauthorizedError
from niquests.exceptions import RequestException

from collector.errors import UserError
from dashboards.grafana import LANGUAGES, TIMEZONE, build
from dashboards.words import word

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Config, Output
    from dashboards.words import Language

UID = "smdr"
"""Of the folder and of the data source; the dashboards choose this data source at first."""

DEFAULT_INFLUX = "http://127.0.0.1:8086"
DEFAULT_DATABASE = "smdr"
NOT_FOUND, FORBIDDEN = 404, 403


def install(url: str, token_file: Path, config: Config | None = None) -> list[str]:
    """Install everything; return one sentence for each thing done or found.

    ``config`` gives the zone, the language and the data source (its first output); without it both languages are
    installed with the zone of the committed dashboards, and the data source is a local InfluxDB 1.x. Raises
    `UserError` if Grafana cannot be reached or refuses.
    """
    grafana: Any = GrafanaApi.from_url(url, _secret(token_file))
    languages = (config.site.language,) if config else LANGUAGES
    try:
        return [
            _ensure_folder(grafana, languages[0]),
            _ensure_source(grafana, data_source(config.outputs[0] if config and config.outputs else None)),
            *_save_dashboards(grafana, languages, config.site.timezone if config else TIMEZONE),
        ]
    except GrafanaUnauthorizedError:
        raise UserError(
            f"Grafana at {url} refuses the token in {token_file}; create a token of a service account with the role "
            "Admin there."
        ) from None
    except GrafanaException as error:
        raise UserError(f"Grafana at {url} answers: {_fix(error)}") from None
    except (RequestException, ValueError):
        raise UserError(
            f"No Grafana answers at {url}; check that it runs, and that the address is like http://127.0.0.1:3000."
        ) from None


def data_source(output: Output | None) -> dict[str, Any]:
    """Return the data source for an output as Grafana's API takes it, with the secrets it needs."""
    secrets: dict[str, str] = {}
    settings: dict[str, Any] = {"version": "InfluxQL", "httpMode": "POST", "dbName": DEFAULT_DATABASE}
    source: dict[str, Any] = {"uid": UID, "name": "SMDR", "type": "influxdb", "access": "proxy", "url": DEFAULT_INFLUX}
    if output:
        source["url"] = output.url
        settings["dbName"] = output.database or output.bucket
        if output.token_file:
            settings["httpHeaderName1"] = "Authorization"
            secrets["httpHeaderValue1"] = f"Token {_secret(output.token_file)}"
        if output.username and output.password_file:
            source["user"] = output.username
            secrets["password"] = _secret(output.password_file)
    return source | {"jsonData": settings, "secureJsonData": secrets}


def _ensure_folder(grafana: Any, language: Language) -> str:
    title = word("folder", language)
    if _found(grafana.folder.get_folder, UID):
        return f'The folder "{title}" is there.'
    grafana.folder.create_folder(title, uid=UID)
    return f'The folder "{title}" is made.'


def _ensure_source(grafana: Any, source: dict[str, Any]) -> str:
    if found := _found(grafana.datasource.get_datasource_by_uid, UID):
        return f'The data source "{found["name"]}" is there and left as it is ({found["url"]}).'
    grafana.datasource.create_datasource(source)
    return f'The data source "{source["name"]}" is made; Grafana asks {source["url"]}.'


def _save_dashboards(grafana: Any, languages: tuple[Language, ...], timezone: str) -> list[str]:
    done = []
    for path, text in build(timezone).items():
        dashboard = json.loads(text)
        if path.split("/")[0] not in languages:
            continue
        there = _found(grafana.dashboard.get_dashboard, dashboard["uid"])
        if there and _same(there["dashboard"], dashboard):
            done.append(f'The dashboard "{dashboard["title"]}" is there and current.')
            continue
        grafana.dashboard.update_dashboard({"dashboard": dashboard, "folderUid": UID, "overwrite": True})
        done.append(f'The dashboard "{dashboard["title"]}" is saved.')
    return done


def _found(get: Any, uid: str) -> dict[str, Any] | None:
    """Ask for something by its identifier; None where it does not exist."""
    try:
        found: dict[str, Any] = get(uid)
    except GrafanaClientError as error:
        if error.status_code == NOT_FOUND:
            return None
        raise
    return found


def _same(there: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Whether Grafana keeps this dashboard already; it numbers what it keeps."""
    return {**there, "id": None, "version": None} == {**ours, "id": None, "version": None}


def _fix(error: GrafanaException) -> str:
    if error.status_code == FORBIDDEN:
        return "forbidden; the token's service account needs the role Admin, to make the folder and the data source."
    return f"{error.message}."


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from None
