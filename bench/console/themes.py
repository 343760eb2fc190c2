"""The colours of the screens: one table of them, and the one place that chooses.

Every cell has a ground of its own; nothing is left to the terminal, whose colours we do not
know. `tests/screens/test_contrast.py` measures every page in every theme, as written and as a
Linux console shows it. What the console does (its source: drivers/tty/vt/vt.c, `build_attr`):
it has 16 colours for letters and 8 for grounds, bold makes a letter bright, and bold black is
grey, which nobody reads on anything: so what is filled is never bold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bench.guide.comfort import ThemeName


class Theme(NamedTuple):
    """Colours by what they are for: `#rrggbb`, or the terminal's own where there is no colour."""

    ground: str  # behind all
    ink: str  # what is read
    frame: str  # header and footer
    line: str  # drawings, bars, how far we are
    good: str  # the drawing of what went well
    focus: str  # the ground of what Enter would do
    focus_ink: str
    notice: str  # the ground of what was wrong
    notice_ink: str
    strong: str = "bold"  # what stands out in a text
    filled: str = "none"  # how text on a ground of its own is written

    def variables(self) -> dict[str, str]:
        """By the names they have in `bench/console/theme.tcss` and in the widgets' styles."""
        named = {name.replace("_", "-"): value for name, value in self._asdict().items()}
        chosen = f"{self.focus_ink} on {self.focus}" if self.filled == "none" else self.filled
        return {**named, "chosen": chosen}


_DEFAULT = "ansi_default"
THEMES: Mapping[ThemeName, Theme] = {
    # The console's own eight colours, by their values there: a terminal of more colours shows
    # the same. Of the eight only white, cyan and green are readable on black.
    "console": Theme(
        ground="#000000",
        ink="#aaaaaa",
        frame="#00aaaa",
        line="#00aaaa",
        good="#00aa00",
        focus="#00aaaa",
        focus_ink="#000000",
        notice="#aaaaaa",
        notice_ink="#000000",
    ),
    "contrast": Theme(
        ground="#000000",
        ink="#ffffff",
        frame="#ffffff",
        line="#ffffff",
        good="#ffffff",
        focus="#00ffff",
        focus_ink="#000000",
        notice="#ffffff",
        notice_ink="#000000",
    ),
    "light": Theme(
        ground="#ffffff",
        ink="#000000",
        frame="#000000",
        line="#000000",
        good="#000000",
        focus="#0000aa",
        focus_ink="#ffffff",
        notice="#000000",
        notice_ink="#ffffff",
        strong="not bold",  # a console shows it grey on white
    ),
    # No colour at all: filled means reversed.
    "mono": Theme(
        ground=_DEFAULT,
        ink=_DEFAULT,
        frame=_DEFAULT,
        line=_DEFAULT,
        good=_DEFAULT,
        focus=_DEFAULT,
        focus_ink=_DEFAULT,
        notice=_DEFAULT,
        notice_ink=_DEFAULT,
        filled="reverse",
    ),
}
_COLOURLESS = ("dumb", "unknown", "vt")  # how their names begin, and end
_COLOURLESS_KINDS = ("-m", "-mono")


def choose(wanted: ThemeName | None, environment: Mapping[str, str]) -> ThemeName:
    """The theme of this terminal: `wanted` (settings.toml), except where colours are not.

    `NO_COLOR` is taken as no-color.org says: any text but an empty one.
    """
    return "mono" if colourless(environment) else wanted or "console"


def colourless(environment: Mapping[str, str]) -> bool:
    """Whether this terminal has no colours, or its user wants none."""
    term = environment.get("TERM", "")
    without = term.startswith(_COLOURLESS) or term.endswith(_COLOURLESS_KINDS)
    return without or bool(environment.get("NO_COLOR"))
