"""Backups by themselves: once a day at a local time, and an alarm where one fails."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.keeping.backup import BackupError, back_up, backups

if TYPE_CHECKING:
    from collector.alarms.board import Board
    from collector.config import Backups, Config

_log = logging.getLogger(__name__)

_RETRY_S = 3600.0
_LOOK_S = 60.0


async def keep_backups(config: Config, settings: Backups, board: Board) -> None:
    """Make a backup whenever one is due: also at once, where the last is more than a day old."""
    zone = ZoneInfo(config.site.timezone)
    not_before = 0.0
    while True:
        now = time.time()
        if now >= not_before and is_due(settings, now, zone):
            not_before = now + _RETRY_S
            await _make(config, settings, board)
        await asyncio.sleep(_LOOK_S)


def is_due(settings: Backups, now: float, zone: ZoneInfo) -> bool:
    """Whether the last backup is older than the last moment at which one was to be made."""
    local = dt.datetime.fromtimestamp(now, zone)
    hour, minute = map(int, settings.at.split(":"))
    due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if due > local:
        due -= dt.timedelta(days=1)
    made = [(path / "manifest.json").stat().st_mtime for path in backups(settings.folder)[-1:]]
    return not made or made[0] < due.timestamp()


async def _make(config: Config, settings: Backups, board: Board) -> None:
    try:
        made = await asyncio.to_thread(back_up, config, settings.folder, settings.keep)
    except BackupError as error:
        await board.show("backup", str(settings.folder), str(error), "")
        return
    _log.info("Backup %s: %d bytes, compared with the journal.", made.folder, made.size)
    await board.show("backup", str(settings.folder), None, f"A backup was made: {made.folder}.")
