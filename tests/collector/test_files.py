"""Files that are written whole or not at all, for the people who could read the one before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from collector.files import put, replacing

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_its_owners_alone_unless_it_is_like_another(tmp_path: Path) -> None:
    put(tmp_path / "a", b"1")
    put(tmp_path / "b", b"2", mode=0o640)
    put(tmp_path / "a", b"3", like=tmp_path / "b")
    put(tmp_path / "c", b"4", like=tmp_path / "missing")
    found = {file.name: (file.read_bytes(), file.stat().st_mode & 0o7777) for file in tmp_path.iterdir()}
    assert found == {"a": (b"3", 0o640), "b": (b"2", 0o640), "c": (b"4", 0o600)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_writes_can_still_be_read_by_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_bytes(b"before")
    os.chown(file, 65534, 65533)
    put(file, b"after", like=file)
    status = file.stat()
    assert (file.read_bytes(), status.st_uid, status.st_gid) == (b"after", 65534, 65533)


def test_what_is_not_right_is_not_put(tmp_path: Path) -> None:
    file = tmp_path / "smdr.toml"
    file.write_bytes(b"before")

    def found_wrong(written: Path) -> None:
        assert (written.read_bytes(), file.read_bytes()) == (b"after", b"before")
        raise ValueError

    with pytest.raises(ValueError), replacing(file, b"after") as written:  # noqa: PT011  (it has no text)
        found_wrong(written)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("smdr.toml", b"before")]
