"""Reads sentences aloud with espeak-ng; a new sentence, or `stop`, ends the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.words.catalogue import language
from diagnostics.command import Held, Runner, start_held

TOOL = "espeak-ng"
# What espeak-ng calls the voice of each language (`espeak-ng --voices`); its `pt` is Portugal's.
VOICES = {"fr": "fr", "en": "en", "es": "es", "pt": "pt", "uk": "uk"}
WORDS_A_MINUTE = 140  # espeak-ng's own 175 is fast for somebody who reads little
# Without a sound card espeak-ng 1.51 ends with 0 after 0.07 s; two words take 0.8 s to say.
TOO_SOON_S = 0.3


def command(code: str, *more: str) -> list[str]:
    """The command that speaks what it reads; nothing of the text is ever an option."""
    return [TOOL, "-v", VOICES[code], "-s", str(WORDS_A_MINUTE), *more, "--stdin"]


class Voice:
    """One voice: it never says two things at once. Used from one thread, stopped from any."""

    def __init__(
        self, runner: Runner, start: Callable[[Sequence[str], bytes], Held] | None = None
    ) -> None:
        self._runner = runner
        self._start = start or (lambda argv, text: start_held(argv, stdin=text))
        self._now: Held | None = None
        self._heard = False  # once: there is a sound card, and no later sentence waits to know

    @property
    def able(self) -> bool:
        """Whether the tool is there; a machine without a loudspeaker cannot be told apart."""
        return self._runner.has(TOOL)

    def speak(self, text: str) -> bool:
        """Begin to say it; False where there is nothing to speak with, or through."""
        self.stop()
        if not self.able:
            return False
        try:
            self._now = self._start(command(language()), text.encode())
        except OSError:
            return False
        self._heard = self._heard or self._now.wait(TOO_SOON_S) is None
        return self._heard

    def stop(self) -> None:
        """Be silent now."""
        if self._now is not None:
            self._now.stop()
        self._now = None
