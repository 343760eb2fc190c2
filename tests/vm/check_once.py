"""Runs one check inside the test machine, for test_checks_vm.py.

    check_once.py ID KIND

Progress goes to /tmp/progress (the last one, as JSON, replaced whole); the test is
stopped when /tmp/stop appears. Prints the result as JSON.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import msgspec

from diagnostics.checks.context import CheckContext
from diagnostics.checks.model import Capabilities, Progress
from diagnostics.checks.plan import plan
from diagnostics.checks.runner import Session
from diagnostics.command import System
from diagnostics.model import Identity, Machine

PROGRESS, STOP = Path("/tmp/progress"), Path("/tmp/stop")


def show(progress: Progress) -> None:
    part = PROGRESS.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(progress))
    part.replace(PROGRESS)


def main(check_id: str, kind: str) -> None:
    for path in (PROGRESS, STOP):
        path.unlink(missing_ok=True)
    machine = Machine(identity=Identity(kind=kind))
    planned = plan(Machine(identity=Identity(kind=None)), Capabilities(live=True, root=True))
    session = Session(CheckContext(System(), machine, live=True), planned)

    def watch() -> None:
        while not STOP.exists():
            time.sleep(0.05)
        session.stop(check_id)

    threading.Thread(target=watch, daemon=True).start()
    sys.stdout.buffer.write(msgspec.json.encode(session.run(check_id, show)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
