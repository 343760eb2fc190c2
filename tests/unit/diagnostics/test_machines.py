"""Every recorded machine gives its expected facts, whole and through a zip."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from diagnostics.model import Machine
from diagnostics.probe import probe
from diagnostics.recording.capture import Replay, save
from diagnostics.recording.store import load

MACHINES = Path(__file__).resolve().parents[2] / "machines"
NAMES = sorted(path.parent.name for path in MACHINES.glob("*/expected.json"))


def facts(machine: Machine) -> object:
    return json.loads(json.dumps(msgspec.to_builtins(machine)))


def test_there_are_machines() -> None:
    assert "laptop-sata-ssd" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_machine_gives_its_expected_facts(name: str) -> None:
    expected = json.loads((MACHINES / name / "expected.json").read_bytes())
    assert facts(probe(Replay(MACHINES / name))) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_zip_of_a_machine_gives_the_same_facts(name: str, tmp_path: Path) -> None:
    files = load(MACHINES / name)
    save(files, tmp_path / "machine.zip")
    assert probe(Replay(tmp_path / "machine.zip")) == probe(Replay(MACHINES / name))


def test_facts_grow_part_by_part_and_never_shrink() -> None:
    parts: list[Machine] = []
    last = probe(Replay(MACHINES / "laptop-sata-ssd"), parts.append)
    assert parts[-1] == last
    assert len(parts) > 10
    known = [
        sum(value is not None for value in msgspec.structs.asdict(p.identity).values())
        for p in parts
    ]
    assert known == sorted(known)


def test_the_laptop_is_known_by_its_serial_and_the_tower_by_its_address() -> None:
    laptop = probe(Replay(MACHINES / "laptop-sata-ssd")).identity
    tower = probe(Replay(MACHINES / "desktop-hdd-placeholders")).identity
    assert (laptop.key, laptop.key_source) == ("PF0ETAB7", "system_serial")
    assert (tower.key, tower.key_source) == ("90:2b:34:7e:ab:19", "mac")
    assert tower.model_source == "board"
