"""`etabli export` in every format, through the command, with good and wrong input."""

import csv
import datetime
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.commands import export
from bench.exchange.bag import free_place
from bench.exchange.formats import write
from bench.records import log
from tests import forge
from tests.unit.wipe.helpers_wipe import loop


def test_the_formats_offered_are_those_there_are() -> None:
    assert set(export._FORMATS) == {*write.FILES, *write.FOLDERS}


@pytest.mark.long
@pytest.mark.parametrize("name", export._FORMATS)
def test_each_format_is_written_once(etabli: Any, tmp_path: Path, name: str) -> None:
    out = tmp_path / ("folder" if name in write.FOLDERS else f"list.{name}")
    first = etabli("export", "--format", name, "--out", out)
    assert first.returncode == 0, first.stderr
    assert out.exists()
    again = etabli("export", "--format", name, "--out", out)
    assert again.returncode == 2 and len(again.stderr.strip().splitlines()) == 1


@pytest.fixture
def two_lots(data: Path) -> Path:
    bench = log.open_bench(data, forge.Clock(), forge.Noise("x"), name="poste")
    for number in range(4):
        device, lot = bench.new_device(), f"L{number % 2}"
        arrived = {"asset": f"A{number}", "kind": "laptop"}
        bench.append("machine.arrived", arrived, device=device, lot=lot)
        bench.append("test.done", {"test": "webcam", "outcome": "passed"}, device=device)
    bench.store.close()
    return data


@pytest.mark.parametrize("name", export._FORMATS)
def test_a_lot_nobody_knows_writes_nothing(
    inside: Any, two_lots: Path, tmp_path: Path, name: str
) -> None:
    writes_nothing(inside, tmp_path / "out", name, "NOPE")


@pytest.mark.long
@pytest.mark.parametrize("name", ["csv", "glpi"])  # a file, a folder
@pytest.mark.parametrize("lot", ["x" * 5000, "'; DROP TABLE lot", "\udcff\udcfe", "../.."])
def test_a_hostile_lot_writes_nothing(
    etabli: Any, two_lots: Path, tmp_path: Path, name: str, lot: str
) -> None:
    writes_nothing(etabli, tmp_path / "out", name, lot)


def writes_nothing(etabli: Any, out: Path, name: str, lot: str) -> None:
    done = etabli("export", "--format", name, "--lot", lot, "--out", out)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr and "Error" not in done.stderr
    assert not out.exists() or (out.is_dir() and not list(out.iterdir()))


@pytest.mark.parametrize(("table", "count"), [("machine", 2), ("test", 2), ("lot", 0)])
def test_a_list_of_one_lot_is_that_lot_only(
    inside: Any, two_lots: Path, tmp_path: Path, table: str, count: int
) -> None:
    out = tmp_path / "out.csv"
    done = inside("export", "--format", "csv", "--table", table, "--lot", "L1", "--out", out)
    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == count
    assert table != "machine" or {row["asset"] for row in rows} == {"A1", "A3"}


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "csv", "--table", "event"),
        ("--format", "csv", "--table", "person"),
        ("--format", "xlsx", "--table", "x; DROP"),
        ("--format", "csv", "--table", "bench", "--lot", "L1"),
        ("--format", "bolc", "--table", "machine"),
        ("--format", "glpi", "--since-receipt", "r.json"),
        ("--table", "machine"),
        ("--format", "doc"),
        ("--since-receipt", "no-such-file"),
        ("--since-receipt", "/etc/hostname"),
    ],
)
def test_what_makes_no_sense_is_wrong_use(
    inside: Any, two_lots: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = inside("export", *words, "--out", tmp_path / "out")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["bag", *export._FORMATS])
def test_a_place_that_cannot_be_written_is_one_line(
    inside: Any, two_lots: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = inside("export", "--format", name, "--out", tmp_path / "file" / "out")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Errno" not in done.stderr


def test_the_place_of_a_bag_is_no_other_ones(tmp_path: Path) -> None:
    moment = datetime.datetime(2026, 11, 30, 8, tzinfo=datetime.UTC)
    for name in ("", "-2", "-3"):
        place = free_place(tmp_path, moment)
        assert place.name == f"envoi-20261130-080000{name}.zip"
        place.write_bytes(name.encode())


@pytest.mark.root
def test_a_bag_goes_onto_the_stick_that_bears_the_name(etabli: Any, tmp_path: Path) -> None:
    image, label = tmp_path / "key.img", f"EXP{os.getpid()}"
    image.write_bytes(bytes(16 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-L", label, str(image)], check=True)
    with loop(image):
        done = etabli("export", "--stick", label.lower())
        assert done.returncode == 0, done.stderr
        assert "Vous pouvez la retirer." in done.stdout
    listed = subprocess.run(
        ["debugfs", "-R", "ls -p /", str(image)], capture_output=True, text=True, check=True
    )
    assert re.search(r"envoi-[0-9]{8}-[0-9]{6}\.zip", listed.stdout)


@pytest.mark.long
@pytest.mark.parametrize("name", ["", "nobody's stick", "\x1b[2J"])
def test_a_stick_that_is_not_there_is_named_and_nothing_is_made(
    etabli: Any, data: Path, name: str
) -> None:
    done = etabli("export", "--stick", name)
    assert done.returncode == 2, done.stderr
    assert "clé" in done.stderr and "\x1b" not in done.stderr
    assert not list(data.glob("exports/*"))


@pytest.mark.long
@pytest.mark.root
def test_none_and_several_of_a_name_are_told_apart(etabli: Any, tmp_path: Path) -> None:
    images = [tmp_path / f"{number}.img" for number in range(2)]
    for number, image in enumerate(images):
        image.write_bytes(bytes(16 << 20))
        label = f"DEUX{os.getpid()}{'AB'[number]}"[:16]
        subprocess.run(["mkfs.ext4", "-q", "-L", label, str(image)], check=True)
    with loop(images[0]), loop(images[1]):
        several = etabli("export", "--stick", f"deux{os.getpid()}")
        assert several.returncode == 2 and "plusieurs clés portent" in several.stderr
        none = etabli("export", "--stick", "nobody's stick")
        assert none.returncode == 2 and "aucune clé ne porte" in none.stderr


def test_a_stick_takes_bags_alone(etabli: Any) -> None:
    done = etabli("export", "--stick", "X", "--format", "csv")
    assert done.returncode == 2 and "--stick" in done.stderr
