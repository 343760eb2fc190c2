"""Three short sounds through ALSA's `aplay`: done rises, a problem falls, hands is one note."""

from __future__ import annotations

import array
import functools
from collections.abc import Callable, Sequence

from bench.screens.kit.signals import Signal
from diagnostics.checks.tone import samples, wav
from diagnostics.command import Held, Runner, start_held

TOOL = "aplay"
NOTE_S = 0.18
# Hz. Within 500 to 1500: what small loudspeakers give and ageing ears keep longest. [J]
NOTES = {Signal.DONE: (660, 880, 1320), Signal.HANDS: (880,), Signal.PROBLEM: (880, 587, 880, 587)}


@functools.cache
def sound(signal: Signal) -> bytes:
    """The sound as a WAV file."""
    notes = array.array("h")
    for frequency_hz in NOTES[signal]:
        notes.extend(samples(frequency_hz, NOTE_S))
    return wav(notes)


class Chime:
    """Plays one sound at a time; the newest matters."""

    def __init__(
        self, runner: Runner, start: Callable[[Sequence[str], bytes], Held] | None = None
    ) -> None:
        self._runner = runner
        self._start = start or (lambda argv, data: start_held(argv, stdin=data))
        self._now: Held | None = None

    def play(self, signal: Signal) -> bool:
        """Begin to sound it; False where there is nothing to play with."""
        if not self._runner.has(TOOL):
            return False
        if self._now is not None:
            self._now.stop()
        try:
            self._now = self._start([TOOL, "-q", "-"], sound(signal))
        except OSError:
            return False
        return True
