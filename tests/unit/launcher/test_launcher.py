"""The launcher and the command line, run as a person would run them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ETABLI = str(ROOT / "etabli")


def etabli(*argv: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"ETABLI_DATA": str(data)} if data else {})}
    return subprocess.run(
        [ETABLI, *argv],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The single sentence on stderr; fails on a traceback or on several lines."""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("etabli: ") or "etabli" in lines[0]
    return lines[0]


def test_version_from_anywhere_and_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "etabli"
    link.symlink_to(ETABLI)
    (tmp_path / "wipe").mkdir()  # must not shadow our own package
    (tmp_path / "wipe" / "__init__.py").write_text("raise SystemExit('shadowed')")
    result = subprocess.run(
        [str(link), "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0
    assert result.stdout.startswith("etabli 0.")


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not here")
@pytest.mark.root
def test_an_ordinary_user_runs_it() -> None:
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    result = subprocess.run(
        [*nobody, ETABLI, "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
    )
    if result.returncode == 4 and "python3" in result.stderr:
        pytest.skip("no Python that an ordinary user may run matches the installed libraries")
    assert result.returncode == 1, result.stderr  # a home that is not there keeps nothing
    assert '"state": "weak"' in result.stdout  # the rights


@pytest.mark.parametrize(
    "argv", [["frobnicate"], ["--data"], ["doctor", "--no-such"], ["--lang", "xx", "doctor"]]
)
def test_wrong_use_is_one_sentence_and_2(argv: list[str]) -> None:
    result = etabli(*argv)
    assert result.returncode == 2
    assert "--help" in one_line(result)


@pytest.mark.long
def test_english_on_request(tmp_path: Path) -> None:
    french = etabli("doctor", data=tmp_path)
    english = etabli("--lang", "en", "doctor", data=tmp_path)
    assert french.returncode == english.returncode == 0
    assert "horloge" in french.stdout and "clock" in english.stdout


def test_doctor_tells_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    result = etabli("doctor", "--data", "/proc/etabli")
    assert result.returncode == 1
    assert "absent" in result.stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    result = subprocess.run(
        f"{ETABLI} doctor | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0
    assert result.stderr == ""
