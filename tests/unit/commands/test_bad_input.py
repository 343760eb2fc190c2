"""Bad input gets one sentence, the right exit code, and loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.errors.failure import Failure
from bench.setup import settings

ASSET = "RC26-010001-7"


def one_sentence(result: subprocess.CompletedProcess[str], code: int) -> str:
    assert result.returncode == code, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("etabli: "), result.stderr
    return lines[0]


@pytest.mark.long
def test_a_database_of_a_newer_version(etabli: Any, data: Path, tmp_path: Path) -> None:
    assert etabli("export", "--out", tmp_path / "a.zip").returncode == 0
    with sqlite3.connect(data / "etabli.db") as database:
        database.execute("PRAGMA user_version = 9999")
    before = events(data)
    assert "récent" in one_sentence(etabli("export", "--out", tmp_path / "b.zip"), 4)
    assert events(data) == before != []


def events(data: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "etabli.db") as database:
        return database.execute("SELECT hash, body, signature FROM event ORDER BY hash").fetchall()


def test_a_database_that_is_none(etabli: Any, data: Path, tmp_path: Path) -> None:
    data.mkdir()
    (data / "etabli.db").write_bytes(b"not a database, but somebody's file" * 100)
    one_sentence(etabli("export", "--out", tmp_path / "b.zip"), 4)
    assert (data / "etabli.db").read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("path", ["/proc/nothing/here", "/dev/null/inside"])
def test_a_data_folder_that_cannot_be_made(inside: Any, path: str, tmp_path: Path) -> None:
    one_sentence(inside("export", "--data", path, "--out", tmp_path / "b.zip"), 4)


@pytest.mark.long
@pytest.mark.root
def test_a_full_data_folder(etabli: Any, tmp_path: Path) -> None:
    """A real small file system, full to the last block."""
    if shutil.which("mkfs.ext4") is None or shutil.which("mount") is None:
        pytest.skip("mkfs.ext4 or mount is not here")
    image, mount = tmp_path / "small.img", tmp_path / "small"
    image.write_bytes(bytes(2 << 20))
    mount.mkdir()
    made = subprocess.run(["mkfs.ext4", "-q", "-m0", str(image)], check=False, capture_output=True)
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(mount)], check=False)
    if made.returncode or mounted.returncode:
        pytest.skip("no loop mount on this machine")
    try:
        data = mount / "data"
        assert etabli("export", "--data", data, "--out", tmp_path / "a.zip").returncode == 0
        with pytest.raises(OSError), (mount / "filler").open("wb", 0) as filler:
            while True:
                filler.write(bytes(512))
        said = one_sentence(
            etabli("label", "--data", data, "--sheet", "1", "--out", tmp_path / "x.pdf"), 4
        )
        assert "plein" in said
        (mount / "filler").unlink()
        after = etabli("export", "--data", data, "--out", tmp_path / "b.zip")
        assert after.returncode == 0, after.stderr
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def test_a_corrupt_capture(inside: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK\x03\x04 and then nothing good")
    one_sentence(inside("probe", "--replay", bad), 2)
    one_sentence(inside("probe", "--replay", tmp_path / "absent"), 2)


@pytest.mark.long
def test_a_batch_with_one_changed_byte_changes_nothing(
    etabli: Any, data: Path, tmp_path: Path
) -> None:
    batch = tmp_path / "a.zip"
    assert etabli("export", "--out", batch).returncode == 0
    changed = bytearray(batch.read_bytes())
    changed[len(changed) // 2] ^= 4
    (tmp_path / "b.zip").write_bytes(changed)
    result = etabli("import", tmp_path / "b.zip")
    assert result.returncode == 1
    assert "REFUSÉ" in result.stdout and "Traceback" not in result.stdout + result.stderr
    assert list((data / "quarantine").iterdir())


def test_a_label_of_nobody(inside: Any, tmp_path: Path) -> None:
    one_sentence(inside("label", ASSET, "--out", tmp_path / "l.png"), 2)
    one_sentence(inside("label", "hello", "--out", tmp_path / "l.png"), 2)
    one_sentence(inside("label", "--out", tmp_path / "l.png"), 2)


def test_files_that_exist_are_never_overwritten(inside: Any, tmp_path: Path) -> None:
    kept = tmp_path / "kept.zip"
    kept.write_text("mine")
    one_sentence(inside("export", "--out", kept), 2)
    one_sentence(inside("capture", kept), 2)
    assert kept.read_text() == "mine"


def test_verify_of_what_is_nothing_of_ours(inside: Any, tmp_path: Path) -> None:
    picture = tmp_path / "x.json"
    picture.write_bytes(os.urandom(300))
    assert inside("verify", picture).returncode == 1
    one_sentence(inside("verify", tmp_path / "absent.json"), 2)
    one_sentence(inside("verify", "RC26-010001-8"), 1)
    assert inside("verify", ASSET).returncode == 5  # a right number, and nobody's here


def test_settings_badly_written(etabli: Any, data: Path, tmp_path: Path) -> None:
    data.mkdir()
    (data / "settings.toml").write_text("bench = 'first'\n")
    one_sentence(etabli("export", "--out", tmp_path / "b.zip"), 2)


def test_settings_of_before_still_open(tmp_path: Path) -> None:
    """A file may hold what was once accepted, and nothing that never was."""
    (tmp_path / "settings.toml").write_text('bench = 4\nsupervisor_pin_sha256 = "00"\n')
    assert settings.load(tmp_path).bench == 4
    (tmp_path / "settings.toml").write_text('supervisor_pin = "00"\n')
    with pytest.raises(Failure):
        settings.load(tmp_path)


def test_screens_without_a_terminal(etabli: Any) -> None:
    one_sentence(etabli(), 2)
    one_sentence(etabli("--demo"), 2)


def test_a_missing_tool_is_said_not_hidden(data: Path, tmp_path: Path) -> None:
    """With an empty PATH the probe still answers, and doctor names what is missing."""
    root = Path(__file__).resolve().parents[3]
    python = root / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("the tests do not run from the launcher's environment")
    for words in (["probe", "--json"], ["doctor"]):
        result = subprocess.run(
            [str(python), "-P", str(root / "bench" / "__main__.py"), *words],
            env={"PATH": str(tmp_path), "PYTHONPATH": str(root), "ETABLI_DATA": str(data)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("review", "--print", ""), "nom de fichier"),
        (("review", "--print", "."), "nom de fichier"),
        (("review", "--day", "2999-01-01"), "pas encore venu"),
        (("review", "--day", "2999-01-01", "--close"), "pas encore venu"),
        (("find", "thinkpad", "--limit", "0"), "au moins 1"),
        (("find", "--limit", "-3"), "au moins 1"),
        (("certificate", "--kind", "codes", "--out", "codes.pdf"), "un dossier"),
        (("handover", ASSET, "--out", "bon.pdf"), "un dossier"),
    ],
    ids=str,
)
def test_a_number_a_day_or_a_name_that_cannot_be_meant(
    etabli: Any, words: tuple[str, ...], said: str, data: Path
) -> None:
    before = set(data.parent.rglob("*"))
    assert said in one_sentence(etabli(*words), 2)
    assert {path for path in data.parent.rglob("*") if path.suffix == ".pdf"} <= before


NONSENSE = (
    ("destine", ASSET, "--to", "parts", "--weight", "99999"),
    ("note", "part", ASSET, "RAM", "--from", ASSET),
    ("log", "show", "--limit", "-4"),
    ("log", "show", "--limit", "0"),
    ("find", "--limit", "0"),
)


@pytest.mark.parametrize("words", NONSENSE, ids=" ".join)
def test_what_nobody_can_mean_is_refused_and_not_recorded(
    words: tuple[str, ...], inside: Any, data: Path
) -> None:
    from bench.casefile import writing
    from bench.records import log
    from tests import forge

    bench = log.open_bench(data, forge.Clock(), forge.Noise("x"), name="poste")
    writing.arrive(bench, ASSET, "laptop")
    bench.store.close()
    before = events(data)
    one_sentence(inside(*words), 2)
    assert events(data) == before


def test_a_plan_says_that_the_code_is_wrong_and_a_new_number_that_it_is_new(
    inside: Any, tmp_path: Path
) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(1 << 20))
    plan = ("erase", "--image", image, "--plan-only")
    shown = inside(*plan)
    assert shown.returncode == 0 and not shown.stderr
    code = shown.stdout.splitlines()[0].split()[-1]
    right = inside(*plan, "--confirm", code)
    assert right.returncode == 0 and not right.stderr
    wrong = inside(*plan, "--confirm", "ZZZZ")
    assert wrong.returncode == 3 and "ZZZZ" in wrong.stderr and wrong.stdout == shown.stdout
    assert inside(*plan, "--confirm", code, "--confirm", code).returncode == 2
    first = inside("erase", "--image", image, "--confirm", code, "--asset", ASSET)
    assert first.returncode == 0 and f"{ASSET} n'était pas connu" in first.stderr
    image.write_bytes(bytes(1 << 20))
    code = inside(*plan).stdout.splitlines()[0].split()[-1]
    again = inside("erase", "--image", image, "--confirm", code, "--asset", ASSET)
    assert again.returncode == 0 and "n'était pas connu" not in again.stderr
