"""The line that says how an erasure ended is whole: at 40 columns, in a pipe, in any language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.demo import plant
from bench.erasing.report import name, outcome_text
from tests.unit.commands.conftest import ROOT, on_a_terminal
from wipe.journal import state

SIZE = 4 << 20
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"disque-{number}-au-nom-bien-long.img" for number in range(2)]
    for path in made:
        plant.plant(path, SIZE)
    return made


def words(inside: Any, images: list[Path], *more: str) -> list[str]:
    given = ["erase", "--image", *map(str, images), *more]
    for path in images:
        plan = json.loads(inside("erase", "--image", path, "--plan-only", "--json").stdout)
        given += ["--confirm", str(plan["confirm"])]
    return given


def shown(argv: list[str], columns: int, data: Path) -> str:
    """What it writes to a terminal so wide, without what moves the cursor."""
    told = on_a_terminal([str(ROOT / "etabli"), *argv], columns, ETABLI_DATA=str(data))
    return _CONTROLS.sub("", told)


def endings(data: Path) -> list[str]:
    jobs = state.list_jobs(data / "jobs")
    return [f"{name(job)} : {outcome_text(job)}" for job in jobs]


@pytest.mark.long
@pytest.mark.parametrize("columns", [20, 40, 80])
def test_on_a_terminal_of_any_width(
    inside: Any, images: list[Path], data: Path, columns: int
) -> None:
    told = shown(words(inside, images), columns, data)
    assert len(endings(data)) == 2
    for line in endings(data):
        assert len(line) > 40 and told.count(f"{line}\n") == 1, told


@pytest.mark.long
def test_in_a_pipe(inside: Any, etabli: Any, images: list[Path], data: Path) -> None:
    done = etabli(*words(inside, images))
    assert done.returncode == 0
    for line in endings(data):
        assert done.stdout.count(f"{line}\n") == 1
    listed = etabli("jobs").stdout
    assert all(ending.partition(" : ")[2] in listed for ending in endings(data))


@pytest.mark.long
def test_a_terminal_that_is_asked_for_lines_of_json_gets_them_whole(
    inside: Any, images: list[Path], data: Path
) -> None:
    told = shown(words(inside, images, "--json"), 40, data)
    found = [json.loads(line) for line in told.splitlines()]
    assert [each["claim"] for each in found] == ["clear", "clear"]
