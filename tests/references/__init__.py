"""Pages that are made from the code, and who makes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.references import commands, events, manual, shells

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[str, Callable[[], str]] = {
    "docs/commands.md": commands.page,
    "docs/events.md": events.page,
    "docs/man/etabli.1": partial(manual.page, "en"),
    "docs/man/fr/etabli.1": partial(manual.page, "fr"),
    **{f"bench/commands/shells/{name}": partial(shells.page, name) for name in shells.names()},
}
