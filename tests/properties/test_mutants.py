"""Spoilt bags and receipts by the thousand: none accepted, none surprises, none is costly."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def played(kind: str, count: int, seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants", kind, str(count), str(seed)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr[-4000:]
    told = json.loads(done.stdout)
    assert (told["played"], told["accepted"], told["raised"], told["good"]) == (count, 0, 0, 1)
    assert told["longest_s"] < 5 and told["memory_mb"] < 300, told


@pytest.mark.long
@pytest.mark.parametrize("kind, count", [("bags", 150), ("receipts", 1_000)])
def test_some_spoilt_ones(kind: str, count: int) -> None:
    played(kind, count, seed=1)


@pytest.mark.long
def test_the_spoilt_bags_of_a_day() -> None:
    """Others every day, where CI plays them."""
    day = datetime.date.today().toordinal() if os.environ.get("CI") else 2
    played("bags", 3_000, seed=day)
