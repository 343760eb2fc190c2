"""Spoilt bags and receipts by the thousand: none accepted, none surprises, none is costly."""

from __future__ import annotations

import json
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
def test_ten_thousand_spoilt_bags() -> None:
    played("bags", 10_000, seed=2)
