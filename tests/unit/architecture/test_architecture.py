"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.records.log import Log
from tests import house

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("bench", "diagnostics", "wipe", "labels")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def test_the_house_has_no_circle_no_arrow_up_and_no_crowd() -> None:
    arrows, paths = house.module_arrows(house.graph()), house.sources()
    assert len(paths) > 300 and len(arrows) > 300
    assert house.circles(arrows) == []
    assert house.circles(house.room_arrows(arrows)) == []
    assert house.going_up(arrows) == []
    assert house.crowded(paths) == {}
    assert house.too_long(paths) == {}


def test_circles_and_arrows_up_are_seen() -> None:
    assert house.circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}) == [["b", "c"], ["d"]]
    up = {"wipe.model.x": {"wipe.job.y"}, "wipe.job.y": {"wipe.model.x"}}
    assert house.going_up(up) == ["wipe.model.x -> wipe.job.y"]
    stranger = {"bench.erasing.x": {"bench.documents.y"}, "bench.documents.y": set[str]()}
    assert house.going_up(stranger) == ["bench.erasing.x -> bench.documents.y"]


def test_the_map_of_the_house_is_as_the_contracts_are() -> None:
    text = house.MAP.read_text("utf-8")
    assert house.with_map(text) == text, "python -m tests.house --map"


def test_every_room_opens_with_what_lives_there_and_what_it_may_import() -> None:
    """And with nothing else: a name found in a room stands in one of its modules."""
    short = {}
    for path in SOURCES:
        if path.name == "__init__.py":
            tree = ast.parse(path.read_text("utf-8"))
            said = (ast.get_docstring(tree) or "").splitlines()
            if len(tree.body) != 1 or len(said) < 3:
                short[str(path.relative_to(ROOT))] = said
    assert not short


def test_only_the_runner_starts_processes() -> None:
    starts = re.compile(
        r"^\s*(import subprocess|from subprocess)|os\.(system|popen|exec|spawn|fork)"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        if path != ROOT / "diagnostics" / "command.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if starts.search(line)
    ]
    assert not found


def imported_by(path: Path) -> set[str]:
    """Top-level names a module imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_only_the_screens_import_textual() -> None:
    allowed = "bench/console/"
    found = [
        name
        for path in SOURCES
        if "textual" in imported_by(path)
        and not (name := str(path.relative_to(ROOT))).startswith(allowed)
    ]
    assert not found


@pytest.mark.parametrize("heavy", ["textual", "PIL", "reportlab", "rich", "sqlite_utils", "typing"])
def test_version_loads_nothing_heavy(heavy: str) -> None:
    result = run("env", "PYTHONPROFILEIMPORTTIME=1", "./etabli", "--version")
    assert result.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert heavy not in loaded
    assert "bench.words.version" in loaded


def test_no_registry_host_is_named() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|deb\.debian|npmjs|/work/main|/root/\.pyenv")
    if shutil.which("git") is None:
        pytest.skip("git is not installed: it tells which files are ours")
    tracked = run("git", "ls-files").stdout.split()
    assert tracked
    found = [
        name
        for name in tracked
        if (path := ROOT / name).is_file()
        and path != Path(__file__)
        and path.stat().st_size < 2_000_000
        and hosts.search(path.read_text("utf-8", "replace"))
    ]
    assert not found


def test_the_record_of_a_machine_has_one_reader() -> None:
    """Outside `records` nobody folds events or erasure rows: two readers once disagreed."""
    kinds = r"(erase\.done|test\.done|machine\.probed|look\.noted|disk\.removed|grade\.given)"
    by_hand = re.compile(rf"FROM (erasure|test|disk)\b|(=|\bin) ?\(?['\"]{kinds}|\bfold_machine\b")
    allowed = {"bench/erasing/filing.py"}  # looks up whose file a loose disk has
    found = {
        str(path.relative_to(ROOT)): line
        for path in SOURCES
        if path.is_relative_to(ROOT / "bench") and not path.is_relative_to(ROOT / "bench/records")
        for line in path.read_text("utf-8").splitlines()
        if by_hand.search(line) and str(path.relative_to(ROOT)) not in allowed
    }
    assert not found
    taken = inspect.signature(Log.events).parameters
    assert list(taken) == ["self"]
