"""Time zones by name, with the nearest valid one for a name that is none."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from collector.problems import nearest

_ALIASES = dict.fromkeys(("beijing", "cst", "china", "utc+8", "gmt+8", "utc+08:00"), "Asia/Shanghai")


def zone_named(name: str) -> ZoneInfo:
    """Return an IANA time zone; raise ValueError(message, hint) where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f'unknown time zone "{name}"', _hint(name)) from None


def _hint(name: str) -> str:
    import zoneinfo  # noqa: PLC0415  (listing the zones reads hundreds of files: only once one is wrong)

    zones = zoneinfo.available_timezones()
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zones) if "/" in zone}
    city = name.rpartition("/")[2].replace(" ", "_")
    near = _ALIASES.get(city.lower()) or nearest(name, zones) or cities.get(nearest(city, cities) or "")
    return f'did you mean "{near}"?' if near else 'write an IANA name such as "Asia/Shanghai"'
