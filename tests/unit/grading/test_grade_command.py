"""`etabli grade` on a real record: the grade, its reasons, the supervisor's, written once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.records.log import open_bench
from tests.unit.documents.recorded import ASSETS, FixedClock, record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    record(folder)
    return folder


def run(data: Path, *words: str) -> int:
    return main(["grade", *words, "--data", str(data)])


def grades(data: Path) -> list[str]:
    log = open_bench(data, FixedClock())
    try:
        return [f"{e.type}:{e.data['grade']}" for e in log.events() if e.type.startswith("grade.")]
    finally:
        log.store.close()


def test_json_says_all_and_the_record_keeps_it_once(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, ASSETS[0], "--json") == 0
    said = json.loads(capsys.readouterr().out)
    # No SMART table in the record: the disk's health is unknown, so C at most.
    assert (said["asset"], said["grade"], said["functional"]) == (ASSETS[0], "C", "F3")
    assert said["deciding"][0]["rule"] == "disk_unknown"
    assert said["raise_to"] == [
        {"remedies": ["replace_disk"], "letter": "A", "text": said["raise_to"][0]["text"]}
    ]
    assert run(data, ASSETS[0]) == 0
    assert grades(data) == ["grade.given:C"]


def test_explained(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(data, ASSETS[1], "--explain") == 0
    out = capsys.readouterr().out
    assert "données non effacées : disque S3" in out and "« Reconditionné » : interdit." in out
    assert "etabli-grade-2026.2" in out


def test_a_supervisors_grade_stays_beside_the_rules(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, ASSETS[0], "--override", "b", "--reason", "disque relu hier") == 0
    assert "Les règles donnaient C" in capsys.readouterr().out
    assert run(data, ASSETS[0], "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["grade"] == "B" and said["letter"] == "C" and not said["refurbished_allowed"]
    assert grades(data) == ["grade.given:C", "grade.overridden:B"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([ASSETS[0], "--override", "E", "--reason", "x"], 2),
        ([ASSETS[0], "--override", "A"], 2),
        ([ASSETS[1], "--override", "A", "--reason", "x"], 3),
        (["RC26-000001-A"], 2),
    ],
)
def test_refusals_are_one_sentence_and_record_nothing(
    data: Path, words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, *words) == code
    assert capsys.readouterr().err.count("\n") == 1
    assert grades(data) == []
