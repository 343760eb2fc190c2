"""What the made-up coordination shares with its benches, published as a real one does."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bench.grading import rules
from bench.packs import shelf
from bench.records.log import Log

_HERE = Path(__file__).parent


def publish(log: Log) -> None:
    """Publish the packs of `packs.toml`. Raises `RecordsError`."""
    for pack in tomllib.loads((_HERE / "packs.toml").read_text("utf-8"))["pack"]:
        content = pack["content"].lstrip() or _stricter()
        shelf.publish(
            log,
            pack=pack["name"],
            kind=pack["kind"],
            title=pack["title"],
            content=content.encode(),
        )


def _stricter() -> str:
    """Our own rules, with a better battery for an A."""
    own = Path(rules.__file__).with_name("rules.toml").read_text("utf-8")
    named = own.replace(rules.standard_rules().version, "demo-plus-strict")
    return named.replace("at_least = 85", "at_least = 90")
