"""`python -m wipe JOB_FOLDER`: run or resume one job, in a process of its own.

With `--recheck`: look at a finished job once more after a power cycle.

Exit codes: 0 done or stopped in order, 1 the claim is `failed`, 2 no readable
job, 3 refused by the guard or a lock, 4 the machine failed us. What happened is
in the journal; standard error is for the unforeseen and goes to `log.txt`.
"""

from __future__ import annotations

import datetime
import os
import signal
import sys
import threading
import time
from pathlib import Path

from diagnostics.command import System
from wipe.job.job import Exit, Surroundings, run

_NICE = 5  # a key on the screen comes before the next block, which takes what is left: nearly all


def main(words: list[str]) -> int:
    """Ignore the terminal going away; stop in order when asked to."""
    check_again = "--recheck" in words
    folders = [word for word in words if word != "--recheck"]
    if len(folders) != 1:
        print("usage: python -m wipe JOB_FOLDER [--recheck]", file=sys.stderr)
        return Exit.USAGE
    os.nice(_NICE)
    stop = threading.Event()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    around = Surroundings(
        runner=System(),
        now=lambda: datetime.datetime.now(datetime.UTC),
        monotonic=time.monotonic,
        random=os.urandom,
        stop=stop,
    )
    code = run(Path(folders[0]).absolute(), around, check_again=check_again)
    sys.stdout.flush()
    # A worker stuck in the kernel must not keep the interpreter waiting at its exit.
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
