"""`etabli demo`: the whole job, and what it leaves behind."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from bench.demo import plant

FILES = {
    "label.png", "label.pdf", "attestation.pdf", "attestation.json", "bag.zip", "etabli.db",
    "disk.img",
}  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demo for the whole module: it takes seconds."""
    from bench.demo.journey import run

    folder = tmp_path_factory.mktemp("demo") / "D"
    said: list[str] = []
    result = run(folder, said.append)
    assert result.ok, said
    return folder


@pytest.mark.long
def test_every_file_is_there_and_nothing_planted_is_left(out: Path) -> None:
    assert {path.name for path in out.iterdir()} >= FILES
    assert plant.survivors(out / "disk.img") == []


@pytest.mark.long
def test_the_label_reads(out: Path) -> None:
    with sqlite3.connect(out / "etabli.db") as database:
        (asset,) = database.execute("SELECT asset FROM machine").fetchone()
    read = {code.text for code in zxingcpp.read_barcodes(Image.open(out / "label.png"))}
    assert read == {asset}


@pytest.mark.long
def test_attestation_and_bag_verify(out: Path, etabli: Any) -> None:
    for name in ("attestation.json", "bag.zip"):
        result = etabli("verify", "--data", out, out / name)
        assert result.returncode == 0 and result.stdout.startswith("BON"), result.stdout
        elsewhere = etabli("verify", out / name)  # nobody there knows the demonstration
        assert elsewhere.returncode == 5 and elsewhere.stdout.startswith("INCONNU")


@pytest.mark.parametrize("name", ["attestation.json", "bag.zip"])
@pytest.mark.parametrize("place", [0, 0.1, 0.37, 0.5, 0.71, 0.93, 1])
def test_one_changed_byte_is_caught_and_said(
    out: Path, inside: Any, tmp_path: Path, name: str, place: float
) -> None:
    data = bytearray((out / name).read_bytes())
    data[round((len(data) - 1) * place)] ^= 0x01
    (tmp_path / name).write_bytes(data)
    result = inside("verify", tmp_path / name)
    assert result.returncode == 1
    assert "  - " in result.stdout and result.stderr == ""


def test_the_attestation_says_it_is_an_image(out: Path) -> None:
    payload = json.loads((out / "attestation.json").read_bytes())["payload"]
    (disk,) = payload["machines"][0]["disks"]
    assert disk["claim"] == "clear"
    assert "image_file" in {note["code"] for note in disk["notes"]}


def test_the_bag_is_taken_by_another_bench_after_the_fingerprint(
    out: Path, inside: Any, data: Path
) -> None:
    bag = out / "bag.zip"
    assert inside("import", bag).returncode == 1  # nobody vouches for that workshop yet
    shown = json.loads(inside("verify", "--json", bag).stdout)["who"]["fingerprint"]
    assert inside("import", bag, "--trust", "00000 11111").returncode == 2
    assert inside("import", bag, "--preview", "--trust", shown).returncode == 0
    first = inside("import", bag, "--trust", shown, "--receipts", data)
    assert first.returncode == 0, first.stdout
    again = inside("import", bag)
    assert again.returncode == 0 and "rien ne change" in again.stdout


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, etabli: Any) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = etabli("demo", "--out", tmp_path)
    assert result.returncode == 2
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["letter.txt"]


@pytest.mark.long
def test_the_command_tells_and_ends_well(tmp_path: Path, etabli: Any) -> None:
    result = etabli("demo", "--out", tmp_path / "D", timeout_s=60)
    assert result.returncode == 0, result.stderr
    assert "Tout a tenu" in result.stdout
    shutil.rmtree(tmp_path / "D")
