"""When Python's garbage collector may look at everything: not while somebody waits.

A full round looks at every object there is, so its cost grows with all that is loaded and
drawn: 20 to 40 ms in the middle of a key, 130 ms once (tests/benchmarks/screens.py), of the
50 ms a key may take. So what is loaded for good is taken out of the rounds, and full rounds
happen in the pauses of the worker: some 5 ms. The short rounds, 1 to 2 ms, stay.
"""

from __future__ import annotations

import gc
import sys

_YOUNG, _MIDDLE = 700, 10  # Python's own
# Middle rounds before a full one while keys never pause: 80 keys make 16 middle rounds.
_OLD = 1000
_WORTH = 2  # middle rounds since the last full one: fewer leave nothing worth looking for
_GROWN = 10_000  # objects: modules were loaded since, and stay
# Seconds a thread may hold the interpreter while the screen waits for it. Python's own is
# 0.005, and a key waits for it several times while 24 journals are read.
_SWITCH_S = 0.0005


class Collector:
    """Of this process; made by whoever runs the screens, as it changes what is global."""

    def begin(self) -> None:
        """Before the first page: full rounds are ours from now on."""
        gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
        sys.setswitchinterval(_SWITCH_S)
        gc.collect()
        gc.freeze()

    def rest(self) -> None:
        """Nobody has pressed a key for a while: look at everything made since."""
        if gc.get_count()[2] < _WORTH:
            return
        gc.collect()
        if len(gc.get_objects(generation=2)) > _GROWN:
            gc.freeze()
