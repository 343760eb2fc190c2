"""How far a long act is: a bar on a terminal, lines in a file, nothing of what is soon over."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.unit.commands.conftest import ROOT, on_a_terminal

ACT = """
import time
from bench.opening.under_way import under_way
with under_way("Copie :") as progress:
    for done in range({steps} + 1):
        progress(done, {steps})
        time.sleep({each_s})
print("fait", flush=True)
"""


def program(steps: int, each_s: float) -> list[str]:
    return [sys.executable, "-P", "-c", ACT.format(steps=steps, each_s=each_s)]


def piped(steps: int, each_s: float) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = program(steps, each_s)
    return subprocess.check_output(argv, text=True, env=environment).splitlines()


def test_a_file_gets_a_line_every_ten_per_cent() -> None:
    *lines, last = piped(200, 0.01)
    assert last == "fait"
    percents = [int(line.removeprefix("Copie : ").removesuffix(" %")) for line in lines]
    assert percents == sorted(set(percents)) and percents[-1] == 100
    assert len(percents) >= 4 and not any(percent % 10 for percent in percents)


def test_what_is_soon_over_says_nothing() -> None:
    assert piped(10, 0) == ["fait"]


@pytest.mark.parametrize(("steps", "each_s", "shown"), [(60, 0.03, True), (3, 0, False)])
def test_a_terminal_gets_a_bar_with_the_time_left(steps: int, each_s: float, shown: bool) -> None:
    told = on_a_terminal(program(steps, each_s), 80, PYTHONPATH=str(ROOT))
    assert "fait" in told
    assert ("Copie :" in told and "100%" in told and "0:00:0" in told) is shown
