"""`live/write`: one command makes the image where there is none, and writes the stick."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Sources whose build and launcher only say what they are asked."""
    (tmp_path / "live").mkdir()
    shutil.copy(ROOT / "live" / "write", tmp_path / "live")
    for name, does in (("live/build", 'echo built; : >"$2"'), ("etabli", 'echo "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def write(tree: Path, *words: str) -> list[str]:
    argv = [str(tree / "live" / "write"), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("more", [(), ("--confirm", "ABCD"), ("--new", "--json")])
def test_the_image_is_made_once(tree: Path, more: tuple[str, ...]) -> None:
    wanted = ["stick", str(tree / "etabli.iso"), "/dev/sdx", *more]
    assert write(tree, "/dev/sdx", *more) == ["built", *wanted]
    assert write(tree, "/dev/sdx", *more) == wanted


@pytest.mark.parametrize(
    "words",
    [
        ("other.iso", "/dev/sdx"),
        ("other.iso", "/dev/sdx", "--confirm", "ABCD"),
        ("--sign", "release.key", "other.iso"),
        ("--help",),
        (),
    ],
)
def test_other_words_are_handed_on_as_they_are(tree: Path, words: tuple[str, ...]) -> None:
    assert write(tree, *words) == ["stick", *words]


def test_without_an_image_nothing_is_written(tree: Path) -> None:
    (tree / "live" / "build").write_text("#!/bin/sh\nexit 4\n")
    argv = [str(tree / "live" / "write"), "/dev/sdx"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")
