"""A run says what it left out, whether one process ran it or several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def run(*words: str, ci: bool = False) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"CI": "true"} if ci else {}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 5), done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.parametrize("workers", ["0", "1"])
def test_long_runs_and_virtual_machines_are_left_out_aloud(workers: str) -> None:
    told = run("tests/unit/launcher", "tests/vm", "-k", "first_start or nvme", "-n", workers)
    assert "4 long tests; run them with ./etabli test -m long" in told
    assert "tests in virtual machines; run them with ./etabli test -m vm" in told


@pytest.mark.long
def test_nothing_is_left_out_in_ci_nor_where_it_was_asked_for() -> None:
    folders = ("tests/unit/launcher", "tests/vm", "--collect-only")
    for told in (
        run(*folders, ci=True),
        run(*folders, "-m", "vm or long"),
        run("tests/unit/launcher/test_first_start.py", "--collect-only"),
    ):
        assert "left out" not in told and "test_first_start" in told
