"""Files that vanish, block or break, and reports in other languages: no false good of them."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from diagnostics.command import Problem, System
from diagnostics.read import read
from diagnostics.sources.sysfs import Folder


def test_a_file_nobody_writes_to_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    given: list[bytes | None] = []
    reader = threading.Thread(
        target=lambda: given.append(System().read(str(tmp_path / "pipe")).data), daemon=True
    )
    reader.start()
    reader.join(5)
    assert given == [b""]


def test_a_file_that_breaks_in_the_middle_is_a_problem() -> None:
    """The kernel answers EIO for memory nobody mapped, and only when it is read."""
    assert System().read("/proc/self/mem").problem is Problem.IO


def test_a_folder_that_vanished_gives_nothing(tmp_path: Path) -> None:
    gone = Folder(System(), str(tmp_path / "gone"))
    assert gone.names() == () and gone.text("name") is None and gone.target("driver") is None
    assert System().read(str(tmp_path)).problem is Problem.MISSING


@pytest.mark.parametrize("word", ["Nom de modèle :", "Modellname:", "モデル名:", "Model name:"])
def test_a_translated_lscpu_is_unknown_and_no_guess(word: str) -> None:
    data = json.dumps({"lscpu": [{"field": word, "data": "Intel(R) Core(TM) i5-8250U"}]}).encode()
    facts = read("lscpu", data)["facts"]
    assert facts["x86_64_level"] is None
    assert facts["model"] == ("Intel(R) Core(TM) i5-8250U" if word == "Model name:" else None)


def test_a_translated_smart_report_is_judged_by_its_numbers() -> None:
    report = {
        "device": {"name": "/dev/sda", "protocol": "ATA"},
        "smartctl": {"exit_status": 0, "messages": [{"string": "Avertissement : é"}]},
        "rotation_rate": 7200,
        "smart_status": {"passed": True},
        "power_on_time": {"hours": 10},
        "ata_smart_attributes": {
            "table": [
                {"id": 5, "name": "Secteurs_réalloués", "raw": {"value": 0, "string": "0"}},
                {"id": 197, "name": "En_attente", "raw": {"value": 0, "string": "0"}},
            ]
        },
    }
    found = read("smartctl", json.dumps(report).encode())
    assert found["verdict"] == "unknown" and found["reasons"]
