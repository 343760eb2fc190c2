"""Where the live stick's three services are, which do root's part for screens that are not root's.

Only the unit of the screens says so, in two variables (live/system/etabli.service). Without them,
on every installed bench, all is done in this process, by whoever started it.
"""

from __future__ import annotations

import contextlib
import os
import socket as socketlib
from pathlib import Path
from typing import Literal

SOCKETS = "ETABLI_SERVICES"  # the folder of their sockets
JOBS = "ETABLI_JOBS"  # the folder of erasures, which belongs to root


def socket(name: Literal["probe", "wipe", "carry"]) -> Path | None:
    """A service's socket, there or not; `None` where there are no services here."""
    folder = os.environ.get(SOCKETS)
    return Path(folder) / name if folder else None


def wake() -> None:
    """Let the services start, once the first screen is there: what they are asked first is then
    answered at once, also where an old PC reads them from a slow stick."""
    for path in (socket("probe"), socket("wipe")):
        if path is None:
            continue
        with contextlib.suppress(OSError), socketlib.socket(socketlib.AF_UNIX) as line:
            line.settimeout(1.0)
            line.connect(str(path))


def jobs() -> Path | None:
    """The folder the wipe service keeps; `None` where there is no such service."""
    folder = os.environ.get(JOBS)
    return Path(folder) if folder and os.environ.get(SOCKETS) else None
