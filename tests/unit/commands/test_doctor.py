"""`etabli doctor` finds what the other commands stop at, and says so by its exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def points(inside: Any) -> dict[str, Any]:
    return {each["point"]: each for each in json.loads(inside("doctor", "--json").stdout)}


def test_settings_nobody_can_read_are_a_finding(inside: Any, data: Path) -> None:
    assert inside("doctor").returncode == 0 and points(inside)["réglages"]["state"] == "good"
    data.mkdir(exist_ok=True)
    (data / "settings.toml").write_text('bench = "zz\n')
    stopped = inside("review")
    assert stopped.returncode == 2
    told = points(inside)["réglages"]
    assert told["state"] == "missing" and told["text"] in stopped.stderr
    assert inside("doctor").returncode == 1 and inside("doctor", "--json").returncode == 1


@pytest.mark.root
def test_no_room_for_a_day_is_a_finding(inside: Any, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        said = inside("doctor", "--data", place / "data")
        assert said.returncode == 1 and "absent" in said.stdout
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_tool_that_lacks_is_no_finding(inside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    said = inside("doctor")
    assert said.returncode == 0
