"""What pip installs and the stick carries runs by itself, away from these sources."""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("bench", "diagnostics", "wipe", "labels")


def tracked() -> list[str]:
    told = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in told.stdout.split("\0") if name]


def installed() -> list[str]:
    """The files that `pyproject.toml` hands to whoever installs."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    data = told["tool"]["setuptools"]["package-data"]
    everywhere = ["*.py", *data.pop("*")]
    named = [f"{room.replace('.', '/')}/{each}" for room, of in data.items() for each in of]
    return [
        name
        for name in tracked()
        if any(fnmatch.fnmatch(Path(name).name, each) for each in everywhere)
        or any(fnmatch.fnmatch(name, each.replace("**", "*")) for each in named)
    ]


def test_no_file_of_the_program_is_left_behind() -> None:
    assert installed() == tracked()


@pytest.mark.long
def test_away_from_its_sources_it_demonstrates_itself(tmp_path: Path) -> None:
    """A recording among the tests had been the demonstration's machine: there was none on a
    stick, and the first command of whoever installed Établi ended with a missing file."""
    for name in installed():
        there = tmp_path / "installed" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes((ROOT / name).read_bytes())
    program = [sys.executable, "-P", str(tmp_path / "installed/bench/__main__.py")]
    told = subprocess.run(
        [*program, "--data", str(tmp_path / "data"), "demo", "--out", str(tmp_path / "out")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert any(path.suffix == ".pdf" for path in (tmp_path / "out").rglob("*"))
