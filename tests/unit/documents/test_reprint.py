"""The same paper printed again keeps its number and its bytes, over processes and days."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.documents.signed import verify
from bench.records.log import Log, open_bench
from bench.setup.settings import load
from bench.stock import leaving
from tests.unit.documents.recorded import ASSETS, LOT, FixedClock, record

ROOT = Path(__file__).resolve().parents[3]
KINDS = [
    (ASSETS[0], "attestation"), (ASSETS[0], "sheet"), (ASSETS[0], "handover"),
    (LOT, "attestation"), (LOT, "donor"), (LOT, "reuse"),
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    record(folder)
    return folder


def run(data: Path, out: str, *words: str) -> int:
    return main(["certificate", *words, "--data", str(data), "--out", str(data / out)])


def bytes_of(data: Path, out: str, kind: str, what: str) -> tuple[bytes, bytes]:
    stem = data / out / f"{kind}-{what}"
    return stem.with_suffix(".json").read_bytes(), stem.with_suffix(".pdf").read_bytes()


def number(file: bytes) -> str:
    answer = verify(file)
    assert answer.payload is not None
    return str(answer.payload["number"])


def opened(data: Path) -> Log:
    return open_bench(data, FixedClock())


def papers(data: Path) -> int:
    log = opened(data)
    try:
        return sum(event.type == "document.issued" for event in log.events())
    finally:
        log.store.close()


class Later(FixedClock):
    """A month and a clock change later."""

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(days=150, hours=3)


@pytest.mark.long
@pytest.mark.parametrize(("what", "kind"), KINDS)
def test_printed_again_it_is_the_same_paper(
    data: Path,
    what: str,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(data, "first", what, "--kind", kind) in (0, 1)
    assert "éimpression" not in capsys.readouterr().err
    first, count = bytes_of(data, "first", kind, what), papers(data)
    monkeypatch.setattr("bench.opening.context.SystemClock", Later)
    assert run(data, "again", what, "--kind", kind) in (0, 1)
    assert bytes_of(data, "again", kind, what) == first
    told = capsys.readouterr().err
    assert "Réimpression" in told and number(first[0]) in told
    assert papers(data) == count, "the same paper is on record once"


@pytest.mark.long
def test_in_another_process_too(data: Path) -> None:
    words = ["certificate", ASSETS[0], "--data", str(data)]
    for out in ("first", "again"):
        subprocess.run(
            [sys.executable, "-P", "-m", "bench", *words, "--out", str(data / out)],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True,
        )  # fmt: skip
    kept = bytes_of(data, "first", "attestation", ASSETS[0])
    assert bytes_of(data, "again", "attestation", ASSETS[0]) == kept


def test_in_another_language_it_keeps_its_number_and_file(data: Path) -> None:
    assert run(data, "first", ASSETS[0]) == 0
    assert run(data, "again", ASSETS[0], "--lang", "en") == 0
    first, again = (bytes_of(data, out, "attestation", ASSETS[0]) for out in ("first", "again"))
    assert first[0] == again[0] and first[1] != again[1]
    assert papers(data) == 3  # the other PDF is on record as well


def test_what_says_something_else_is_another_paper(data: Path) -> None:
    assert run(data, "first", ASSETS[0]) == 0
    log = opened(data)
    (device,) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))[0]
    log.append("machine.destined", {"destination": "repair"}, device=device)
    log.store.close()
    assert run(data, "second", ASSETS[0]) == 0
    first, second = (bytes_of(data, o, "attestation", ASSETS[0])[0] for o in ("first", "second"))
    assert number(first) != number(second)


@pytest.mark.long
def test_no_two_papers_have_one_number(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one second: of each kind, and of one kind as what it says changes."""
    monkeypatch.setattr("bench.opening.context.SystemClock", FixedClock)
    for what, kind in KINDS:
        assert run(data, "out", what, "--kind", kind) in (0, 1)
    log = opened(data)
    (device,) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))[0]
    for place in ("repair", "reuse", "parts"):
        log.append("machine.destined", {"destination": place}, device=device)
        assert run(data, "out", ASSETS[0]) in (0, 1)
    told = [e.data for e in log.events() if e.type == "document.issued" and e.data.get("number")]
    log.store.close()
    numbers = [data["number"] for data in told]
    # "reuse" again says what the first paper said: it is that one.
    assert len(numbers) == len(set(numbers)) == len(KINDS) + 2
    assert all("/2026" not in number and "-20261123-100500" in number for number in numbers[:6])


def test_a_bon_says_what_was_handed_over(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = opened(data)
    (device,) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))[0]
    leaving.hand_over(log, device, load(data), data / "first", price_cents=12_050)
    log.store.close()
    first = bytes_of(data, "first", "handover", ASSETS[0])
    assert run(data, "again", ASSETS[0], "--kind", "handover") == 0
    assert bytes_of(data, "again", "handover", ASSETS[0]) == first
    assert run(data, "again", ASSETS[0], "--kind", "handover", "--price", "120,50") == 0
    capsys.readouterr()
    assert run(data, "other", ASSETS[0], "--kind", "handover", "--price", "1") == 2
    said = capsys.readouterr().err
    assert "120,50" in said and said.count("\n") == 1 and not (data / "other").exists()


def test_papers_of_before_without_a_number_on_record_are_not_taken_for_it(data: Path) -> None:
    log = opened(data)
    (device,) = log.store.query("SELECT device FROM machine WHERE asset = ?", (ASSETS[0],))[0]
    facts = {"kind": "attestation", "sha256": "ab" * 32, "name": "attestation-old.json"}
    log.append("document.issued", facts, device=device)
    log.store.close()
    assert run(data, "first", ASSETS[0]) == 0
    assert verify(bytes_of(data, "first", "attestation", ASSETS[0])[0]).whole
