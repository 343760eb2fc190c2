"""`etabli train`: lists its lessons, refuses what is none, and founds no bench for any of it."""

from __future__ import annotations

import json
from pathlib import Path

from bench.errors.failure import Exit
from bench.training.lesson import lessons
from tests.unit.commands.conftest import Etabli

IDS = [lesson.id for lesson in lessons()]


def test_the_lessons_are_listed_for_people_and_for_programs(inside: Etabli, data: Path) -> None:
    told = inside("train", "--list")
    assert told.returncode == Exit.DONE
    assert [line.split()[0] for line in told.stdout.splitlines()] == IDS
    found = json.loads(inside("train", "--json").stdout)
    assert [lesson["id"] for lesson in found] == IDS
    assert all(lesson["title"] and lesson["learns"] for lesson in found)
    assert [lesson["id"] for lesson in json.loads(inside("train", "two", "--json").stdout)] == [
        "two"
    ]
    assert not data.exists()


def test_what_is_no_lesson_is_said_with_those_there_are(inside: Etabli, data: Path) -> None:
    told = inside("train", "danse")
    assert told.returncode == Exit.USAGE and "danse" in told.stderr
    assert all(id in told.stderr for id in IDS) and not data.exists()


def test_without_a_terminal_it_is_not_played(etabli: Etabli, data: Path) -> None:
    told = etabli("train", "first")
    assert told.returncode == Exit.USAGE and "terminal" in told.stderr and not data.exists()
