"""Days and moments as people say them: the one place where a signed time becomes a local one."""

from __future__ import annotations

import datetime

from bench.words.catalogue import say


def day_text(day: str) -> str:
    """`2026-11-23` as it is said in the language in force; what is no day stays as it is."""
    try:
        read = datetime.date.fromisoformat(day)
    except ValueError:
        return day
    return say(
        "screens.time.day", day=f"{read.day:02}", month=f"{read.month:02}", year=f"{read.year:04}"
    )


def local(at: str) -> datetime.datetime | None:
    """A moment (RFC 3339; UTC where no zone is told) on the workshop's clock, with its zone.

    `None` for what is no moment: a day alone, other text, a year no clock can show.
    """
    try:
        moment = datetime.datetime.fromisoformat(at) if "T" in at else None
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return aware.astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def zone_text(moment: datetime.datetime) -> str:
    """How far a clock is from UTC: "UTC+1", "UTC-3:30", "UTC"."""
    minutes = round((moment.utcoffset() or datetime.timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
