"""`python -m tests.vm.drive DISK TABLE MAP`: serve every drive of TABLE until the power goes.

TABLE is JSON: [{"name": "ssd1", "profile": "ssd", "offset": 1048576}, ...]; the drives
live in DISK at these offsets (a virtio disk that the host can read). MAP is written when
all are attached: {"ssd1": "/dev/sda", ...}. A row may hold "cut": [ATA command, before?],
where this drive's power fails (`cuts.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from tests.vm.drive.core import Core, RealClock
from tests.vm.drive.cuts import Cut, CutDrive
from tests.vm.drive.profiles import PROFILES
from tests.vm.drive.tcmu import attach


def main(disk: str, table: str, map_path: str) -> None:
    for module in ("target_core_user", "tcm_loop"):
        subprocess.run(["modprobe", module], check=True)
    config = Path("/sys/kernel/config")
    if not (config / "target").is_dir():
        subprocess.run(["mount", "-t", "configfs", "configfs", str(config)], check=False)
    descriptor = os.open(disk, os.O_RDWR)
    paths: dict[str, str] = {}
    clock = RealClock()
    for number, row in enumerate(json.loads(Path(table).read_text()), 1):
        profile = PROFILES[row["profile"]]
        core = Core(descriptor, row["offset"], row["name"], profile, clock)
        drive = CutDrive(core)
        drive.path = paths[row["name"]] = attach(row["name"], drive, number)
        if row.get("cut"):
            drive.cut = Cut(row["cut"][0], before=row["cut"][1])
    part = Path(map_path + ".part")
    part.write_text(json.dumps(paths))
    part.rename(map_path)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
