"""Where records end with this start of the PC, the screens erase nothing: the proof would go."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import say
from bench.workbench.bench import Workbench
from tests.unit.wipe.helpers_wipe import image, loop


@pytest.mark.root
def test_nothing_is_erased_that_nobody_could_prove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = image(tmp_path / "disk.img", 1 << 20)
    before = hashlib.sha256(disk.read_bytes()).hexdigest()
    with loop(disk) as path:
        bench = Workbench(Context(DataFolder(tmp_path / "data", "option")))
        try:
            bench.device = "0190a0a0-0000-7000-8000-000000000001"
            kept = next(one for one in bench.disks().disks if one.path == path)
            assert kept.allowed
            monkeypatch.setenv("ETABLI_VOLATILE", "1")
            seen = next(one for one in bench.disks().disks if one.path == path)
            assert not seen.allowed and seen.reasons == (say("workbench.not_kept"),)
            answer = bench.start_erase(kept.key, path, kept.confirm)
            assert not answer.job and not (tmp_path / "data" / "jobs").exists()
        finally:
            bench.close()
    assert hashlib.sha256(disk.read_bytes()).hexdigest() == before
