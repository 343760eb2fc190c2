"""Every cell of docs/interruptions.md has words and tests, and each of these tests is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ROWS = ("kill", "cut", "swap", "boot", "recheck")
COLUMNS = ("write", "flush", "read-back", "firmware")
_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def cells() -> dict[tuple[str, str], str]:
    text = (ROOT / "docs/interruptions.md").read_text("utf-8")
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if line[:1] == "|"]
    assert tuple(word.strip() for word in lines[0][1:]) == COLUMNS
    return {
        (line[0].strip(" *"), column): cell
        for line in lines[2:]
        for column, cell in zip(COLUMNS, line[1:], strict=True)
    }


def named_in(name: str) -> set[str]:
    folder = ROOT / "tests" if name.startswith("vm/") else ROOT / "tests/unit"
    tree = ast.parse((folder / name).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_every_interruption_of_every_phase_has_its_test() -> None:
    found = cells()
    assert set(found) == {(row, column) for row in ROWS for column in COLUMNS}
    for place, cell in found.items():
        named = _NAMED.findall(cell)
        assert named, place
        assert _NAMED.sub("", cell).strip(), place
        for file, test in named:
            assert test.startswith("test_") and test in named_in(file), (place, file, test)
