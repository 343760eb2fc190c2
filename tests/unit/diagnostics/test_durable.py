"""Files of ours: whole, private, and through no link of somebody else's."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from diagnostics import durable

OTHER = 12345  # nobody on this machine
root = pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to another user")

WRITERS: dict[str, Callable[[Path], object]] = {
    "write_whole": lambda path: durable.write_whole(path, b"ours"),
    "new_file": lambda path: os.close(durable.new_file(path)),
    "open_file": lambda path: os.close(durable.open_file(path, os.O_RDWR | os.O_CREAT)),
    "touch": durable.touch,
    "new_folder": durable.new_folder,
    "folder": durable.folder,
    "database": lambda path: durable.database(path, make=True),
    "drop": durable.drop,
}


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "file").write_bytes(b"theirs")
    return tmp_path / "victim"


def untouched(victim: Path) -> bool:
    names = [path.name for path in victim.iterdir()]
    return names == ["file"] and (victim / "file").read_bytes() == b"theirs"


def foreign(folder: Path) -> Path:
    folder.mkdir()
    os.chown(folder, OTHER, OTHER)
    return folder


def plant(link: Path, target: Path, *, hard: bool = False) -> None:
    if hard:
        link.hardlink_to(target)
    else:
        link.symlink_to(target)
        os.lchown(link, OTHER, OTHER)


@root
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("place", ["file", "new", "."])
def test_nothing_goes_through_a_link_at_the_name(
    tmp_path: Path, victim: Path, name: str, place: str
) -> None:
    folder = foreign(tmp_path / "foreign")
    plant(folder / "it", victim / place)
    try:
        WRITERS[name](folder / "it")
    except OSError as error:
        assert error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EEXIST, errno.EISDIR), error
    assert untouched(victim)


@root
@pytest.mark.parametrize("name", WRITERS)
def test_nothing_goes_through_a_link_on_the_way(tmp_path: Path, victim: Path, name: str) -> None:
    folder = foreign(tmp_path / "foreign")
    plant(folder / "jobs", victim)
    for path in (folder / "jobs" / "file", folder / "jobs" / "new", folder / "jobs" / "a" / "b"):
        with pytest.raises(OSError) as error:
            WRITERS[name](path)
        assert error.value.errno == errno.ELOOP
    assert untouched(victim)


@root
def test_a_file_that_has_another_name_is_not_written(tmp_path: Path, victim: Path) -> None:
    folder = foreign(tmp_path / "foreign")
    plant(folder / "it", victim / "file", hard=True)
    for name in ("open_file", "touch", "database"):
        with pytest.raises(OSError) as error:
            WRITERS[name](folder / "it")
        assert error.value.errno == errno.EMLINK
    durable.write_whole(folder / "it", b"ours")
    assert untouched(victim)
    assert (folder / "it").read_bytes() == b"ours"


@root
@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_what_lies_beside_a_database_is_looked_at(
    tmp_path: Path, victim: Path, suffix: str
) -> None:
    folder = foreign(tmp_path / "foreign")
    plant(folder / f"etabli.db{suffix}", victim / "new")
    with pytest.raises(OSError):
        durable.database(folder / "etabli.db", make=True)
    assert untouched(victim)


def test_a_link_that_only_we_can_have_made_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "way").symlink_to("real")
    durable.write_whole(tmp_path / "way" / "sub" / "file", b"x", make_folder=True)
    assert (tmp_path / "real" / "sub" / "file").read_bytes() == b"x"
    durable.write_whole(tmp_path / "real" / ".." / "real" / "up", b"x")
    assert (tmp_path / "real" / "up").exists()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError):
        durable.folder(tmp_path / "loop" / "x")


def test_what_is_made_is_private_and_what_is_given_is_as_its_folder(tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return path.stat().st_mode & 0o777

    tmp_path.chmod(0o755)
    old = os.umask(0o022)
    try:
        durable.write_whole(tmp_path / "a" / "b", b"", make_folder=True)
        durable.write_whole(tmp_path / "c", b"", as_folder=True)
        durable.write_whole(tmp_path / "a" / "d", b"", as_folder=True)
    finally:
        os.umask(old)
    assert [mode(tmp_path / name) for name in ("a", "a/b", "c", "a/d")] == [
        0o700, 0o600, 0o644, 0o600
    ]  # fmt: skip


def test_a_folder_of_before_ends_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / "etabli.db").write_bytes(b"")
    (folder / "etabli.db").chmod(0o644)
    (folder / "sub").mkdir(mode=0o755)
    assert durable.make_private(folder) == ""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "etabli.db").stat().st_mode & 0o777 == 0o600


@root
def test_a_folder_of_somebody_else_says_so(tmp_path: Path) -> None:
    folder = foreign(tmp_path / "foreign")
    assert durable.make_private(folder) == "owner"
    assert durable.writable_by_others(folder)
    assert not durable.writable_by_others(tmp_path)
    tmp_path.chmod(0o777)
    assert durable.writable_by_others(tmp_path)
    tmp_path.chmod(0o700)


def test_a_folder_whose_files_come_and_go_is_made_private(tmp_path: Path) -> None:
    """Another thread closes a database there: its log is seen, and gone when it is looked at."""
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            for number in range(50):
                (tmp_path / f"{number}.db-wal").touch(0o600)
            for number in range(50):
                (tmp_path / f"{number}.db-wal").unlink()

    busy = threading.Thread(target=churn)
    busy.start()
    try:
        assert {durable.make_private(tmp_path) for _ in range(2000)} == {""}
    finally:
        stop.set()
        busy.join()
