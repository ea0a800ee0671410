"""Numbers as they are dialled in other countries, and where the outside party is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.accounting.countries import CountryPlan, place
from collector.cli.group import smdr

if TYPE_CHECKING:
    from pathlib import Path

GERMANY = CountryPlan("DE", ("0",), "30")
AMERICA = CountryPlan("US", (), "212")
SPAIN = CountryPlan("ES")


@pytest.mark.parametrize(
    ("plan", "number", "class_"),
    [
        (GERMANY, "05550123", "local"),
        (GERMANY, "0030123456", "local"),
        (GERMANY, "0089123456", "domestic"),
        (GERMANY, "001711234567", "mobile"),
        (GERMANY, "009001234567", "premium"),
        (GERMANY, "008001234567", "tollfree"),
        (GERMANY, "0115", "service"),
        (GERMANY, "0112", "emergency"),
        (GERMANY, "000442079460000", "international"),
        (GERMANY, "*72", "unknown"),
        (AMERICA, "5550123", "local"),
        (AMERICA, "2125550123", "local"),
        (AMERICA, "12125550123", "local"),
        (AMERICA, "3105550123", "domestic"),
        (AMERICA, "9005550123", "premium"),
        (AMERICA, "18005550123", "tollfree"),
        (AMERICA, "911", "emergency"),
        (AMERICA, "01144207946000", "international"),
        (AMERICA, "+442079460000", "international"),
        (SPAIN, "912345678", "domestic"),
        (SPAIN, "612345678", "mobile"),
        (SPAIN, "", "unknown"),
    ],
)
def test_a_number_is_classified_as_its_country_dials(plan: CountryPlan, number: str, class_: str) -> None:
    assert plan.classify("outgoing", number) == (class_, None)


@pytest.mark.parametrize(("number", "class_"), [("+4989123456", "domestic"), ("+12125550123", "international")])
def test_a_caller_is_classified_too(number: str, class_: str) -> None:
    assert GERMANY.classify("incoming", number) == (class_, None)


@pytest.mark.parametrize(
    ("number", "language", "expected"),
    [
        ("075523456789", "zh", ("中国", "广东省深圳市", "")),
        ("075523456789", "en", ("China", "Shenzhen, Guangdong", "")),
        ("17712345678", "zh", ("中国", "江苏省常州市", "中国电信")),
        ("17712345678", "en", ("China", "Changzhou, Jiangsu", "China Telecom")),
        ("0085223456789", "zh", ("香港", "", "")),
        ("00442079460000", "en", ("United Kingdom", "London", "")),
        ("1", "en", ("", "", "")),
        ("*72", "en", ("", "", "")),
    ],
)
def test_where_a_number_is(number: str, language: str, expected: tuple[str, str, str]) -> None:
    assert place(number, "CN", language) == expected


def test_the_command_describes_numbers_as_printed(tmp_path: Path) -> None:
    config = tmp_path / "smdr.toml"
    config.write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\narea_code = "0755"\ntrunk_access = ["9"]\n'
        '[[source]]\nname = "pbx1"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
    )
    numbers = ["917909010 65551234".replace(" ", ""), "925551234", "9168123"]
    done = CliRunner().invoke(smdr, ["numbers", "--config", str(config), *numbers])
    assert done.output.splitlines() == [
        "91790901065551234  domestic; carrier prefix 17909; 中国 北京市; China Beijing",
        "925551234  local; 中国 广东省深圳市; China Shenzhen, Guangdong",
        "9168123  premium",
    ]
    done = CliRunner().invoke(smdr, ["numbers", "--config", str(config), "--incoming", "+442079460000"])
    assert done.output == "+442079460000  international; 英国; United Kingdom London\n"


def test_a_site_is_classified_by_its_country_and_a_country_that_is_none_is_pointed_at(tmp_path: Path) -> None:
    config = tmp_path / "smdr.toml"
    text = (
        '[site]\nname = "hq"\ntimezone = "Europe/Berlin"\ndata = "data"\nplan = "country"\ncountry = "DE"\narea_code = "030"\n'
        '[[source]]\nname = "pbx1"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
    )
    config.write_text(text)
    done = CliRunner().invoke(smdr, ["numbers", "--config", str(config), "030123456"])
    assert done.output.startswith("030123456  local; 德国")
    config.write_text(text.replace('"DE"', '"DX"'))
    done = CliRunner().invoke(smdr, ["numbers", "--config", str(config), "030123456"])
    assert done.exit_code != 0
    assert ':6:11: "DX" is not a country' in str(done.exception)
