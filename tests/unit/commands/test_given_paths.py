"""A path that exists is never said not to, and what is no signed file is not called a forgery."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bench.errors.failure import Failure
from bench.setup.given import given_file, given_folder, read_given

# Every command that reads a file somebody names, with where the path goes.
READERS = (
    ("verify", "{}"),
    ("import", "{}"),
    ("keys", "admit", "{}", "--heard", "1", "--out", "never.cert"),
    ("keys", "join", "{}"),
    ("export", "--since-receipt", "{}", "--out", "never.zip"),
    ("erase", "--image", "{}", "--plan-only"),
)


@pytest.mark.parametrize("words", READERS, ids=lambda words: " ".join(words[:2]))
def test_what_is_there_is_said_to_be_there(
    words: tuple[str, ...], inside: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "./folder", str(tmp_path / "folder"), ".", "pipe", "/dev/null"):
        said = inside(*(word.format(name) for word in words))
        told = said.stderr + said.stdout
        assert said.returncode != 0 and "existe pas" not in told, told
        assert "forme d'un code" not in told, told
    gone = inside(*(word.format("./gone.x") for word in words))
    assert gone.returncode == 2 and "n'existe pas" in gone.stderr, gone
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("never")]


def test_the_reader_tells_apart(tmp_path: Path) -> None:
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"x")
    os.mkfifo(pipe)
    assert given_file(file) == file and read_given(file) == b"x" and given_folder(tmp_path)
    for path, code in ((tmp_path, "file_is_folder"), (pipe, "file_is_odd")):
        with pytest.raises(Failure, match=code):
            read_given(path)
    for odd in (tmp_path / "gone", file / "below", "a\0b"):
        with pytest.raises(Failure, match="file_missing"):
            given_file(odd)
        with pytest.raises(Failure, match="folder_missing"):
            given_folder(odd)
    with pytest.raises(Failure, match="folder_wanted"):
        given_folder(file)
    with pytest.raises(Failure, match="file_unreadable"):
        given_file("x" * 5000)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"%PDF-1.7\n", "feuille"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"SQLite format 3\0", "ni une attestation"),
    ],
)
def test_what_lies_beside_the_signed_file_is_no_bad_one(
    start: bytes, told: str, inside: Any, tmp_path: Path
) -> None:
    """A supervisor who is told MAUVAIS thinks of fraud: the sheet of a genuine paper is none."""
    path = tmp_path / "attestation.json"  # whatever it is called
    path.write_bytes(start + bytes(500))
    said = inside("verify", path)
    assert said.returncode == 2 and told in said.stderr and "MAUVAIS" not in said.stdout
    path.write_bytes(b"{" + start)  # what may be signed is judged
    assert inside("verify", path).returncode == 1


def test_a_backup_that_is_none_is_named_as_it_was_given(inside: Any, tmp_path: Path) -> None:
    other = tmp_path / "notes.md"
    other.write_text("nothing of the kind\n")
    said = inside("restore", other)
    assert said.returncode == 4 and str(other) in said.stderr and ".restore" not in said.stderr


def test_a_stick_that_is_a_file_is_told_so(inside: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    said = inside("sync", file)
    assert said.returncode == 2 and "n'existe pas" not in said.stderr
    assert "n'existe pas" in inside("sync", tmp_path / "gone").stderr
