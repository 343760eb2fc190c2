"""The console's bytes as keys, with Escape told from the start of a sequence in 20 ms.

Textual's driver (8.2.8) looks at a lone Escape only at its next tenth of a second, so "back",
and the key that stops a countdown, took 113 ms at the least (tests/benchmarks/answers.py).
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from typing import Any

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

ESC = "\x1b"
# The console and tmux write a sequence in one piece; a serial line of 9600 baud needs 3 ms.
ESCAPE_S = 0.020
QUIET_S = 0.1
_MOST_BYTES = 4096
_CLEAR = "\x1b[H\x1b[J"
_OUT = 1  # the number of standard output, which is a terminal: `see_terminal`


class Keyboard(LinuxDriver):
    """Textual's driver of a terminal, with a reading of its own."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Draws on standard output where standard error, Textual's choice, is no terminal: it may
        go to a file, and a black page without a word is nobody's wish."""
        super().__init__(*arguments, **named)
        errors = self._file  # none, where it was closed
        if errors is None or not errors.isatty():
            # What the terminal's letters lack must not end the screens: as on standard error.
            letters = "utf-8" if errors is None else errors.encoding
            self._file = os.fdopen(os.dup(_OUT), "w", encoding=letters, errors="backslashreplace")

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's own word. COLUMNS and LINES, which Textual asks first, may be those of
        another: a shell that was in a larger window hands them on, and the page is cut."""
        try:
            size = os.get_terminal_size(_OUT)
        except OSError:
            return super()._get_terminal_size()
        return (size.columns, size.lines) if all(size) else super()._get_terminal_size()

    def stop_application_mode(self) -> None:
        """A Linux console has no second page to come back from: what follows, an error to be read
        above all, must not stand between the pieces of the last one."""
        super().stop_application_mode()
        if os.environ.get("TERM") == "linux":
            self.write(_CLEAR)
            self.flush()

    def run_input_thread(self) -> None:
        """Until the screens end; what the terminal still says then is taken and dropped."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        held = ""  # Escapes at the end of what was read: keys, or the start of what comes
        with selectors.SelectSelector() as ready:
            ready.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if ready.select(ESCAPE_S if held else QUIET_S):
                    raw = os.read(self.fileno, _MOST_BYTES)
                    if not raw:
                        break  # the terminal is gone: nothing will ever come
                    text = held + decode(raw)
                    whole = text.rstrip(ESC)
                    held = text[len(whole) :]
                    self._send(parser, whole)
                else:
                    for key in held:
                        self.process_message(events.Key("escape", key))
                    held = ""
                for message in parser.tick():
                    self.process_message(message)
            if ready.select(QUIET_S):
                os.read(self.fileno, _MOST_BYTES)
        self._end(parser)

    def _send(self, parser: XTermParser, text: str) -> None:
        if text:  # nothing would mean the end to the parser
            for message in parser.feed(text):
                self.process_message(message)

    def _end(self, parser: XTermParser) -> None:
        """Let the parser finish; half a sequence is no key."""
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass
