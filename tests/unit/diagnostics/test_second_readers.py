"""py-cpuinfo is asked for all it knows, but not for the second it counts ticks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.command import Completed, Problem, System
from diagnostics.model import Cpu, Machine
from diagnostics.sources import cpuinfo_reader

ASKED = """
import json, sys, time
time.sleep = lambda seconds: open(sys.argv[1], "a").write(f"{seconds} ")
from diagnostics.sources.cpuinfo_dump import facts
print(json.dumps(facts()))
"""


def test_it_tells_what_its_own_command_tells_and_never_sleeps(tmp_path: Path) -> None:
    slept = tmp_path / "slept"
    ours = subprocess.run(
        [sys.executable, "-c", ASKED, str(slept)], capture_output=True, check=True, timeout=60
    )
    own = System().run((sys.executable, "-P", "-m", "cpuinfo", "--json"), timeout_s=60)
    assert not slept.exists()
    moment = {"hz_actual", "hz_actual_friendly"}
    told = {key: value for key, value in json.loads(own.stdout).items() if key not in moment}
    assert json.loads(ours.stdout) == told and told["flags"]


class Answers(System):
    """A recording: some commands have an answer."""

    def __init__(self, problem: Problem, script: str) -> None:
        super().__init__()
        self.problem, self.script, self.asked = problem, script, 0

    def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
        self.asked += 1
        if self.script not in argv[-1] and self.script not in argv:
            return Completed(tuple(argv), None, b"", b"", 0.0, self.problem)
        out = json.dumps({"brand_raw": "Intel(R) Core(TM) @ 2.50GHz", "count": 4}).encode()
        return Completed(tuple(argv), 0, out, b"", 0.0)


@pytest.mark.parametrize(
    ("problem", "script", "known", "asked"),
    [
        (Problem.UNRECORDED, "cpuinfo_dump.py", True, 1),
        (Problem.UNRECORDED, "cpuinfo", True, 2),  # recorded before
        (Problem.MISSING, "cpuinfo", True, 2),
        (Problem.UNRECORDED, "nothing", False, 2),
        (Problem.TIMEOUT, "nothing", False, 1),  # a live machine is not asked twice
    ],
)
def test_recordings_made_before_still_answer(
    problem: Problem, script: str, known: bool, asked: int
) -> None:
    runner = Answers(problem, script if script != "cpuinfo" else "--json")
    found = cpuinfo_reader.read(runner, Machine(cpu=Cpu(threads=8)))
    assert runner.asked == asked
    assert (found.cpu is not None) is known
    assert [d.point for d in found.disagreements] == (["cpu.threads"] if known else [])
    assert bool(found.unknown) is not known
