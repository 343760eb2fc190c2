"""docs/glossary.md speaks of what is there; and a name that says nothing does not spread."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("bench", "diagnostics", "wipe", "labels")
# How often the bare name `one` stands in the four packages: a disk, a job or an event has a name of
# its own. It may only become smaller; where you made it smaller, write the new number here.
ONE = 0


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_every_name_of_the_glossary_is_in_the_code() -> None:
    names = re.findall(r"`([^`]+)`", (ROOT / "docs" / "glossary.md").read_text())
    words = set(re.findall(r"\w+", "\n".join(path.read_text() for path in sources())))
    missing = []
    for name in names:
        if "/" in name:
            there = (ROOT / name).exists() or (ROOT / name).with_suffix(".py").exists()
        else:
            parts = [part for part in name.replace("…", "").split(".") if part]
            there = all(
                part in words or any(word.startswith(part) for word in words) for part in parts
            )
        if not there:
            missing.append(name)
    assert len(names) > 60 and not missing


def test_the_name_one_does_not_spread() -> None:
    count = 0
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            named = (isinstance(node, ast.Name) and node.id == "one") or (
                isinstance(node, ast.arg) and node.arg == "one"
            )
            count += named
    assert count <= ONE, f"{count} times `one`: say what it is"
    assert count == ONE, f"`one` is down to {count}: write that in this test"
