from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click import echo
from lives import AGAIN_AND_AGAIN, AT_ANY_MOMENT, ONCE
from sending import configured
from torture import Torture

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
    torture.run(lambda: torture.kills.total() >= KILLS)
    with capsys.disabled():
        echo(f"seed {SEED}: {torture.told()}; {dict(torture.kills)}")
    assert torture.kills.total() >= KILLS
    assert {AT_ANY_MOMENT, *AGAIN_AND_AGAIN, *ONCE} <= torture.kills.keys()
    assert (torture.lost, torture.doubled) == (0, 0)


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
