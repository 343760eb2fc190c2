"""What `etabli disks` lists, no other command says is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.wipe.helpers_wipe import image, loop


@pytest.mark.root
def test_a_listed_disk_that_cannot_test_itself_is_told_so(inside: Any, tmp_path: Path) -> None:
    with loop(image(tmp_path / "disk.img", 4 << 20)) as path:
        assert path in [each["path"] for each in json.loads(inside("disks", "--json").stdout)]
        said = inside("selftest", path)
        assert said.returncode == 4 and path in said.stderr and "aucun disque" not in said.stderr
        plan = inside("erase", path, "--plan-only")
        assert "aucun disque" not in plan.stderr
    gone = inside("selftest", "/dev/nosuchdisk")
    assert gone.returncode == 2 and "aucun disque" in gone.stderr
