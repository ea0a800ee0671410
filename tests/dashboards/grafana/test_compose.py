"""compose.yaml and what it runs with. No containers here: what can be checked without them is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from collector.cli.group import smdr
from collector.config import load
from dashboards.grafana import build

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROVISIONING = ROOT / "dashboards/grafana/provisioning"
SECRETS = "/run/secrets/smdr"


def test_compose_accepts_the_file() -> None:
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("docker-compose is not installed: apt-get install docker-compose")
    subprocess.run([command, "-f", ROOT / "compose.yaml", "config", "-q"], check=True)


def test_every_file_and_volume_that_is_mounted_exists() -> None:
    mounts = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert all((ROOT / mount).exists() for mount in mounts if mount.startswith("."))
    assert {mount for mount in mounts if not mount.startswith(".")} == set(COMPOSE["volumes"])


def test_services_wait_for_services_that_exist() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", [])) <= set(SERVICES)


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "TOKEN" in name:
                assert name.endswith("_FILE")
                assert value.startswith(f"{SECRETS}/")


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "command" in service])
def test_commands_are_commands_of_smdr(name: str) -> None:
    service = SERVICES[name]
    if "entrypoint" in service:
        return
    words = list(service["command"])
    command: click.Command = smdr
    context = click.Context(smdr)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found
        command = found
    command.make_parser(context).parse_args(words)


def prepare(tmp_path: Path, config: Path) -> subprocess.CompletedProcess[str]:
    folders = (str(tmp_path / "secrets"), str(tmp_path / "boards"))
    command = [sys.executable, str(ROOT / "deploy/prepare.py"), str(config), *folders]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_secrets_are_made_once_and_differ_between_machines(tmp_path: Path) -> None:
    config = ROOT / "deploy/smdr.toml"
    for machine in ("one", "other"):
        assert prepare(tmp_path / machine, config).returncode == 0
    first = {file.name: file.read_text() for file in (tmp_path / "one/secrets").iterdir()}
    other = {file.read_text() for file in (tmp_path / "other/secrets").iterdir()}
    assert len({*first.values(), *other}) == 6
    assert all(len(secret) > 40 for secret in first.values())
    used = {
        value.rsplit("/", 1)[1]
        for s in SERVICES.values()
        for value in s.get("environment", {}).values()
        if SECRETS in value
    }
    assert used <= set(first)
    assert prepare(tmp_path / "one", config).returncode == 0
    assert {file.name: file.read_text() for file in (tmp_path / "one/secrets").iterdir()} == first


def test_the_dashboards_are_made_in_the_zone_of_the_site(tmp_path: Path) -> None:
    config = tmp_path / "smdr.toml"
    text = (ROOT / "deploy/smdr.toml").read_text("utf-8")
    config.write_text(text.replace("Asia/Shanghai", "Europe/Berlin"), "utf-8")
    assert prepare(tmp_path, config).returncode == 0
    made = {str(file.relative_to(tmp_path / "boards")): file.read_text("utf-8") for file in tmp_path.rglob("*.json")}
    assert made == build("Europe/Berlin")


def test_a_faulty_configuration_is_said_without_a_traceback(tmp_path: Path) -> None:
    config = tmp_path / "smdr.toml"
    config.write_text('[site]\nname = "hq"\ntimezone = "Asia/Shangai"\n')
    done = prepare(tmp_path, config)
    assert done.returncode == 1
    assert "Asia/Shanghai" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_collector_and_grafana_use_the_same_database_and_token() -> None:
    (output,) = load(ROOT / "deploy/smdr.toml").outputs
    (source,) = yaml.safe_load((PROVISIONING / "datasources/smdr.yaml").read_text("utf-8"))["datasources"]
    influx, grafana = SERVICES["influxdb"]["environment"], SERVICES["grafana"]["environment"]
    assert output.url == grafana["SMDR_INFLUX_URL"]
    assert output.bucket == source["jsonData"]["dbName"] == influx["DOCKER_INFLUXDB_INIT_BUCKET"]
    assert output.org == influx["DOCKER_INFLUXDB_INIT_ORG"]
    assert str(output.token_file) == influx["DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE"]
    assert source["secureJsonData"]["httpHeaderValue1"] == f"Token $__file{{{output.token_file}}}"


def test_grafana_finds_the_dashboards_and_they_choose_the_provisioned_data_source() -> None:
    (source,) = yaml.safe_load((PROVISIONING / "datasources/smdr.yaml").read_text("utf-8"))["datasources"]
    providers = yaml.safe_load((PROVISIONING / "dashboards/smdr.yaml").read_text("utf-8"))["providers"]
    mounted = next(v.split(":")[1] for v in SERVICES["grafana"]["volumes"] if v.startswith("dashboards:"))
    boards = build()
    assert {provider["options"]["path"] for provider in providers} == {
        f"{mounted}/{path.split('/')[0]}" for path in boards
    }
    for text in boards.values():
        chosen = next(one for one in json.loads(text)["templating"]["list"] if one["name"] == "datasource")
        assert chosen["current"]["value"] == source["uid"]
