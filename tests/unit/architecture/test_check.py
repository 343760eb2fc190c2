"""`./etabli check`: the house passes it, and a fault of each kind does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.check import CHECKS

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("bench", "diagnostics", "wipe", "labels", "tests", "constraints", ".mypy_cache")
FAULTS = {
    "format": "x = {  'one':1 }\n",
    "lint": "import shutil\n",
    "types": 'COUNT: int = "three"\n',
    "imports": "from bench.__main__ import main as main\n",  # the top floor, from the lowest
}


def check(root: Path, *names: str) -> tuple[int, dict[str, str], str]:
    """How it ended, each check's line, and everything said."""
    done = subprocess.run(
        [str(root / "etabli"), "check", *names],
        cwd="/",
        env={"ETABLI_VENV": sys.prefix, **os.environ},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    told = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    return done.returncode, told, done.stdout + done.stderr


@pytest.mark.long  # the whole check, many times
def test_the_house_passes_and_a_fault_of_each_kind_fails(tmp_path: Path) -> None:
    code, told, words = check(ROOT)
    assert code == 0, words
    assert set(told) == set(CHECKS) and len(words.splitlines()) == len(CHECKS)
    copy = tmp_path / "etabli"
    copy.mkdir()
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "machines")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("etabli", "pyproject.toml"):
        shutil.copy2(ROOT / name, copy / name)
    with (copy / "wipe/model/codes.py").open("a", encoding="utf-8") as file:
        file.write("".join(FAULTS.values()))
    code, told, words = check(copy)
    assert code == 1, words
    assert [name for name in CHECKS if "FAILED" not in told[name]] == [], words
    for said in ("F401", "Incompatible types", "would be reformatted", "BROKEN"):
        assert said in words


def test_a_check_there_is_not_is_said() -> None:
    code, _, words = check(ROOT, "frobnicate")
    assert code == 2 and "frobnicate" in words and "types" in words
