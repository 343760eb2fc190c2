"""Pages of docs/ that are made from the code, and who makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.references import commands, events

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[str, Callable[[], str]] = {
    "docs/commands.md": commands.page,
    "docs/events.md": events.page,
}
