from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import daemons
import pytest
from click import echo
from lives import AGAIN_AND_AGAIN, AT_ANY_MOMENT, ONCE, WITH_A_SERVER
from offices import Office
from old_offices import OLD_SCHEMAS, written_by
from sending import FILE, configured, transferred
from torture import Torture

from collector.commands.calls import stored
from collector.faultpoints import POINTS, VARIABLE

if TYPE_CHECKING:
    from servers import Influxd

SMDR = Path(sys.executable).with_name("smdr")
KILLS = 500
SEED = int(os.environ.get("SMDR_TORTURE_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@pytest.mark.timeout(900)
def test_500_kills_lose_and_double_not_one_call(
    tmp_path: Path, influxd: Influxd, capsys: pytest.CaptureFixture[str]
) -> None:
    torture = Torture(tmp_path, influxd, SEED)
    wanted = {AT_ANY_MOMENT, *AGAIN_AND_AGAIN, *ONCE, *WITH_A_SERVER}
    # some points are reached by chance: a few kills more where 500 have left one out
    torture.run(lambda: torture.kills.total() >= KILLS and wanted <= torture.kills.keys())
    with capsys.disabled():
        echo(f"seed {SEED}: {torture.told()}; {dict(torture.kills)}")
    assert torture.kills.total() >= KILLS
    assert wanted <= torture.kills.keys()
    assert (torture.lost, torture.doubled) == (0, 0)


@pytest.mark.parametrize("point", ["migration-writing", "migration-written"])
def test_a_kill_in_a_migration_leaves_a_database_that_is_brought_up_to_date_by_the_next_start(
    tmp_path: Path, point: str
) -> None:
    killed, spared = written_by(OLD_SCHEMAS[-1], tmp_path / "killed"), written_by(OLD_SCHEMAS[-1], tmp_path / "spared")
    process = daemons.start(killed.config.path, point, 0)
    process.join(60)
    assert process.exitcode == -9
    killed.project()
    spared.project()
    calls = [list(stored(office.config, legs=True)) for office in (killed, spared)]
    assert calls[0] == calls[1]
    killed.assert_conserved()


@pytest.mark.parametrize(
    "point", ["parsed:2", "calls-writing:2", "reparse-built", "reparse-folded", "reparse-replaced"]
)
def test_a_kill_in_a_reparse_leaves_all_calls_and_the_next_one_succeeds(tmp_path: Path, point: str) -> None:
    office = Office(configured(tmp_path, 2300, None))
    for _ in range(4):
        office.journal(transferred(1), source=FILE)
    office.project()
    calls = list(stored(office.config, legs=True))
    process = daemons.reparse(office.config.path, point)
    process.join(60)
    assert process.exitcode == -9
    assert list(stored(office.config, legs=True)) == calls
    process = daemons.reparse(office.config.path, "")
    process.join(60)
    assert process.exitcode == 0
    assert list(stored(office.config, legs=True)) == calls
    assert not list(office.config.site.data.glob("calls.new.db*"))
    office.assert_conserved()


def test_a_fault_point_is_armed_by_the_environment_and_the_log_says_so(tmp_path: Path) -> None:
    config = configured(tmp_path, 2300, None).path
    environment = os.environ | {VARIABLE: "journal-written"}
    (tmp_path / "pbx2.log").write_bytes(b"\r\n")
    killed = subprocess.run([SMDR, "run", "-c", config], env=environment, capture_output=True, text=True, check=False)
    assert killed.returncode == -9
    assert "FAULT POINT journal-written IS ARMED" in killed.stderr


def test_a_fault_point_that_is_none_is_refused_with_those_there_are(tmp_path: Path) -> None:
    config = configured(tmp_path, 2300, None).path
    for wrong in ("journal", "parsed:0", "parsed:x"):
        environment = os.environ | {VARIABLE: wrong}
        refused = subprocess.run(
            [SMDR, "run", "-c", config], env=environment, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert refused.stderr == f'{VARIABLE}="{wrong}" names no fault point; there are: {", ".join(POINTS)}.\n'
