"""The record kept open for the next page: the same one, until another lies there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.hub.web import opened
from bench.hub.web.opened import Opened
from bench.records.errors import RecordsError
from bench.records.log import Log, open_bench
from tests import forge


def opener(folder: Path, made: list[Log]) -> Callable[[], Log]:
    def open_log() -> Log:
        made.append(open_bench(folder, forge.Clock(), forge.Noise(str(folder)), name="X"))
        return made[-1]

    return open_log


def test_it_is_opened_once_and_sees_what_others_write(tmp_path: Path) -> None:
    opener(tmp_path, [])().store.close()  # founded: before, no file was there to be known again
    made: list[Log] = []
    kept = Opened(opener(tmp_path, made), tmp_path / "etabli.db")
    with kept.one() as log, log.store.snapshot():
        before = log.store.count()
    other = open_bench(tmp_path, forge.Clock(), forge.Noise("other"))
    other.append("request.made", {"request": "r1", "kind": "laptop", "quantity": 1})
    with kept.one() as log, log.store.snapshot():
        assert log.store.count() == before + 1
    assert len(made) == 1
    with kept.one(), kept.one():  # two at once are two
        assert len(made) == 2
    kept.close()
    other.store.close()


def test_a_backup_that_was_put_back_is_read(tmp_path: Path) -> None:
    made: list[Log] = []
    folder, older = tmp_path / "now", tmp_path / "older"
    kept = Opened(opener(folder, made), folder / "etabli.db")
    with kept.one() as log:
        founded = log.store.count()
    kept.close()
    shutil.copytree(folder, older)
    with kept.one() as log:
        log.append("request.made", {"request": "r1", "kind": "laptop", "quantity": 1})
    with kept.one() as log:
        assert log.store.count() == founded + 1
    (older / "etabli.db").replace(folder / "etabli.db")
    for rest in ("-wal", "-shm"):
        (folder / f"etabli.db{rest}").unlink(missing_ok=True)
    with kept.one() as log:
        assert log.store.count() == founded
    kept.close()


def test_after_a_minute_it_is_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an opening does that is owed to somebody is not put off while pages are asked for."""
    opener(tmp_path, [])().store.close()
    made: list[Log] = []
    kept = Opened(opener(tmp_path, made), tmp_path / "etabli.db")
    for _ in range(2):
        with kept.one():
            pass
    assert len(made) == 1
    monkeypatch.setattr(opened, "KEPT_S", 0.0)
    with kept.one():
        assert len(made) == 2
    kept.close()


def test_what_failed_is_not_kept_and_few_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Log] = []
    kept = Opened(opener(tmp_path, made), tmp_path / "etabli.db")
    with pytest.raises(RecordsError), kept.one():
        raise RecordsError("store_io")
    with kept.one() as log:
        assert log.store.count()
    assert len(made) == 2
    monkeypatch.setattr(opened, "MOST", 1)
    with kept.one(), kept.one():
        pass
    with kept.one(), kept.one():  # one was kept, the other is opened anew
        pass
    assert len(made) == 4
    kept.close()
