"""A day as people say it."""

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
